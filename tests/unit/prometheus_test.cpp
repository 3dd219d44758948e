#include "sluice/report/prometheus.h"

#include <doctest/doctest.h>

#include <set>
#include <sstream>
#include <string>

namespace sluice {

namespace {

Snapshot one_run()
{
    Snapshot snapshot;
    snapshot.now = "2026-11-21T04:10:00.500Z";
    snapshot.migrations = {{State::migrating, 1}, {State::contracted, 4}};
    RunRecord run;
    run.id = 3;
    run.version = "20261121093000";
    run.table = {"billing", "users"};
    run.desired = Desired::running;
    run.state = RunState::running;
    run.estimated_rows = 200'000;
    run.rows_scanned = 1'500;
    run.rows_changed = 1'200;
    run.batches = 3;
    run.retries = 2;
    run.last_progress_at = "2026-11-21T04:08:30.250Z";
    RangeRecord left;
    left.lease_owner = "host/1/x";
    left.lease_expires = "2026-11-21T04:10:10.000Z";
    left.rows_now = 400;
    left.p50_us = 12'000;
    left.p99_us = 30'000;
    RangeRecord behind = left;
    behind.lease_expires = "2026-11-21T04:09:00.000Z";
    behind.rows_now = 900;
    behind.p99_us = 90'000;
    snapshot.runs.push_back({.run = run, .ranges = {left, behind}, .open_bad_rows = 7});
    return snapshot;
}

bool has_line(const std::string& text, const std::string& line)
{
    return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

const std::string labels = R"(run="3",migration="20261121093000",table="billing.users")";

} // namespace

TEST_CASE("a run's counters and sizes become metrics with its labels")
{
    const std::string text = prometheus_text(one_run());
    CAPTURE(text);
    CHECK(has_line(text, "sluice_run_rows_scanned_total{" + labels + "} 1500"));
    CHECK(has_line(text, "sluice_run_rows_changed_total{" + labels + "} 1200"));
    CHECK(has_line(text, "sluice_run_rows_estimated{" + labels + "} 200000"));
    CHECK(has_line(text, "sluice_run_batches_total{" + labels + "} 3"));
    CHECK(has_line(text, "sluice_run_retries_total{" + labels + "} 2"));
    CHECK(has_line(text, "sluice_run_bad_rows_open{" + labels + "} 7"));
    CHECK(has_line(text, "sluice_run_seconds_since_progress{" + labels + "} 90.25"));
}

TEST_CASE("what a batch is like is told of the ranges that are worked on")
{
    Snapshot snapshot = one_run();
    std::string text = prometheus_text(snapshot);
    CHECK(has_line(text, "sluice_run_leases{" + labels + "} 1"));
    CHECK(has_line(text, "sluice_run_batch_rows{" + labels + "} 400"));
    CHECK(has_line(text, "sluice_run_batch_seconds{" + labels + R"(,quantile="0.5"} 0.012)"));
    CHECK(has_line(text, "sluice_run_batch_seconds{" + labels + R"(,quantile="0.99"} 0.03)"));
    snapshot.now = "2026-11-21T04:20:00.000Z"; // no lease lasts so long
    text = prometheus_text(snapshot);
    CHECK(has_line(text, "sluice_run_leases{" + labels + "} 0"));
    CHECK(has_line(text, "sluice_run_batch_rows{" + labels + "} 900"));
}

TEST_CASE("exactly one state and one wish of a run is 1")
{
    const std::string text = prometheus_text(one_run());
    CHECK(has_line(text, "sluice_run_state{" + labels + R"(,state="running"} 1)"));
    CHECK(has_line(text, "sluice_run_state{" + labels + R"(,state="failed"} 0)"));
    CHECK(has_line(text, "sluice_run_desired{" + labels + R"(,desired="running"} 1)"));
    CHECK(has_line(text, "sluice_run_desired{" + labels + R"(,desired="paused"} 0)"));
    CHECK(has_line(text, R"(sluice_migrations{state="contracted"} 4)"));
    CHECK(has_line(text, R"(sluice_migrations{state="purged"} 0)"));
}

TEST_CASE("a wait has its reason as a label, escaped, and none of either when it is over")
{
    Snapshot snapshot = one_run();
    CHECK(prometheus_text(snapshot).find("\nsluice_run_wait_info{") == std::string::npos);
    CHECK(prometheus_text(snapshot).find("\nsluice_run_wait_seconds{") == std::string::npos);
    snapshot.runs[0].run.wait_reason = "command \"C:\\x\" said\nno";
    snapshot.runs[0].run.wait_since = "2026-11-21T04:09:59.500Z";
    const std::string text = prometheus_text(snapshot);
    CAPTURE(text);
    CHECK(has_line(text, "sluice_run_wait_info{" + labels +
                             R"(,reason="command \"C:\\x\" said\nno"} 1)"));
    CHECK(has_line(text, "sluice_run_wait_seconds{" + labels + "} 1"));
}

TEST_CASE("time since progress counts from the start where there was none, and ends with the run")
{
    Snapshot snapshot = one_run();
    RunRecord& run = snapshot.runs[0].run;
    run.last_progress_at = "";
    run.created_at = "2026-11-21T04:00:00.500Z";
    CHECK(has_line(prometheus_text(snapshot),
                   "sluice_run_seconds_since_progress{" + labels + "} 600"));
    run.state = RunState::failed; // nobody goes on unless somebody looks
    CHECK(has_line(prometheus_text(snapshot),
                   "sluice_run_seconds_since_progress{" + labels + "} 600"));
    run.state = RunState::done;
    CHECK(prometheus_text(snapshot).find("\nsluice_run_seconds_since_progress{") ==
          std::string::npos);
}

TEST_CASE("a hold counts until its time, the brake and the lease while they last")
{
    Snapshot snapshot = one_run();
    snapshot.runs[0].run.hold_until = "2026-11-21T04:10:00.501Z";
    snapshot.is_braked = true;
    snapshot.holder = LeaseHolder{};
    std::string text = prometheus_text(snapshot);
    CHECK(has_line(text, "sluice_run_held{" + labels + "} 1"));
    CHECK(has_line(text, "sluice_brake 1"));
    CHECK(has_line(text, "sluice_lease_held 1"));
    snapshot.runs[0].run.hold_until = snapshot.now;
    snapshot.is_braked = false;
    snapshot.holder->is_expired = true;
    text = prometheus_text(snapshot);
    CHECK(has_line(text, "sluice_run_held{" + labels + "} 0"));
    CHECK(has_line(text, "sluice_brake 0"));
    CHECK(has_line(text, "sluice_lease_held 0"));
}

TEST_CASE("every family is explained once, before its samples")
{
    std::istringstream lines(prometheus_text(one_run()));
    std::set<std::string> explained;
    std::string family;
    for (std::string line; std::getline(lines, line);) {
        CAPTURE(line);
        if (line.rfind("# HELP ", 0) == 0) {
            family = line.substr(7, line.find(' ', 7) - 7);
            CHECK(explained.insert(family).second);
            REQUIRE(std::getline(lines, line));
            CHECK(line.rfind("# TYPE " + family + " ", 0) == 0);
            const bool is_counter = line.substr(line.rfind(' ') + 1) == "counter";
            CHECK(is_counter == family.ends_with("_total"));
            continue;
        }
        CHECK(line.substr(0, line.find_first_of("{ ")) == family);
    }
    CHECK(explained.size() > 15);
}

TEST_CASE("a database out of reach is 0, and nothing else is claimed")
{
    CHECK(has_line(prometheus_down(), "sluice_up 0"));
    CHECK(prometheus_down().find("sluice_run") == std::string::npos);
    CHECK(has_line(prometheus_text({}), "sluice_up 1"));
}

TEST_CASE("seconds between two recorded times")
{
    CHECK(seconds_between("2026-02-28T23:59:59.500Z", "2026-03-01T00:00:00.000Z") == 0.5);
    CHECK(seconds_between("2026-03-01T00:00:00.000Z", "2026-02-28T23:59:59.500Z") == 0);
    CHECK(seconds_between("", "2026-02-28T23:59:59.500Z") == 0);
    CHECK(seconds_between("2026-02-28 once", "2026-02-28T23:59:59.500Z") == 0);
}

} // namespace sluice
