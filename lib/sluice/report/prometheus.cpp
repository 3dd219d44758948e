#include "sluice/report/prometheus.h"

#include "sluice/core/version.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace sluice {

namespace {

using Labels = std::vector<std::pair<std::string_view, std::string>>;

std::string text_of(const Labels& labels)
{
    std::string text;
    for (const auto& [name, value] : labels) {
        text += fmt::format("{}{}=\"{}\"", text.empty() ? "" : ",", name, escaped_label(value));
    }
    return text.empty() ? "" : "{" + text + "}";
}

/// Families of metrics one after the other; a name says what it is before its first sample.
class Exposition {
public:
    void family(std::string_view name, std::string_view type, std::string_view help)
    {
        name_ = name;
        text_ += fmt::format("# HELP sluice_{0} {2}\n# TYPE sluice_{0} {1}\n", name, type, help);
    }

    void sample(const Labels& labels, double value)
    {
        text_ += fmt::format("sluice_{}{} {}\n", name_, text_of(labels), value);
    }

    [[nodiscard]] std::string take() { return std::move(text_); }

private:
    std::string name_;
    std::string text_;
};

Labels labels_of(const RunSnapshot& one)
{
    return {{"run", std::to_string(one.run.id)},
            {"migration", one.run.version},
            {"table", display(one.run.table)}};
}

Labels with(Labels labels, std::string_view name, std::string value)
{
    labels.emplace_back(name, std::move(value));
    return labels;
}

bool is_leased(const RangeRecord& range, const std::string& now)
{
    return !range.lease_owner.empty() && range.lease_expires > now;
}

/// Of the ranges that somebody works on; of all, where nobody does.
double largest(const RunSnapshot& one, const std::string& now, std::int64_t RangeRecord::*field)
{
    const bool is_worked_on =
        std::any_of(one.ranges.begin(), one.ranges.end(),
                    [&](const RangeRecord& range) { return is_leased(range, now); });
    std::int64_t most = 0;
    for (const RangeRecord& range : one.ranges) {
        if (!is_worked_on || is_leased(range, now)) {
            most = std::max(most, range.*field);
        }
    }
    return static_cast<double>(most);
}

bool is_over(const RunRecord& run)
{
    return run.state == RunState::done || run.state == RunState::cancelled;
}

const std::string& last_sign_of(const RunRecord& run)
{
    if (!run.last_progress_at.empty()) {
        return run.last_progress_at;
    }
    return run.started_at.empty() ? run.created_at : run.started_at;
}

struct RunMetric {
    std::string_view name;
    std::string_view type;
    std::string_view help;
    std::function<std::optional<double>(const RunSnapshot&)> value;
};

double number(std::int64_t value)
{
    return static_cast<double>(value);
}

std::vector<RunMetric> counters()
{
    return {
        {"run_rows_scanned_total", "counter", "Rows that were looked at, over all passes.",
         [](const RunSnapshot& one) { return number(one.run.rows_scanned); }},
        {"run_rows_changed_total", "counter", "Rows that were changed.",
         [](const RunSnapshot& one) { return number(one.run.rows_changed); }},
        {"run_batches_total", "counter", "Batches that were committed.",
         [](const RunSnapshot& one) { return number(one.run.batches); }},
        {"run_retries_total", "counter", "Batches that were tried again.",
         [](const RunSnapshot& one) { return number(one.run.retries); }},
        {"run_rows_estimated", "gauge", "Rows of the table when the run began, by statistics.",
         [](const RunSnapshot& one) { return number(one.run.estimated_rows); }},
        {"run_pass", "gauge", "The pass that is under way; 2 and up are sweeps.",
         [](const RunSnapshot& one) { return number(one.run.pass); }},
        {"run_bad_rows_open", "gauge", "Rows set aside because they cannot be changed.",
         [](const RunSnapshot& one) { return number(one.open_bad_rows); }},
        {"run_bad_rows_allowed", "gauge", "Rows that may be set aside before the run halts.",
         [](const RunSnapshot& one) { return number(one.run.bad_rows_allowed); }},
    };
}

std::vector<RunMetric> gauges(const std::string& now)
{
    return {
        {"run_batch_rows", "gauge", "Rows of a batch at the moment, of the largest.",
         [&now](const RunSnapshot& one) { return largest(one, now, &RangeRecord::rows_now); }},
        {"run_leases", "gauge", "Ranges that a worker holds.",
         [&now](const RunSnapshot& one) {
             return number(
                 std::count_if(one.ranges.begin(), one.ranges.end(),
                               [&](const RangeRecord& range) { return is_leased(range, now); }));
         }},
        {"run_held", "gauge", "1 while somebody holds the run until a time.",
         [&now](const RunSnapshot& one) { return one.run.hold_until > now ? 1.0 : 0.0; }},
        {"run_seconds_since_progress", "gauge",
         "Seconds since the last batch of a run that is not over, or since it was made.",
         [&now](const RunSnapshot& one) -> std::optional<double> {
             return is_over(one.run) ? std::nullopt
                                     : std::optional(seconds_between(last_sign_of(one.run), now));
         }},
        {"run_wait_seconds", "gauge", "Seconds for which a run has been waiting.",
         [&now](const RunSnapshot& one) -> std::optional<double> {
             return one.run.wait_reason.empty()
                        ? std::nullopt
                        : std::optional(seconds_between(one.run.wait_since, now));
         }},
    };
}

void add(Exposition& out, const Snapshot& snapshot, const std::vector<RunMetric>& metrics)
{
    for (const RunMetric& metric : metrics) {
        out.family(metric.name, metric.type, metric.help);
        for (const RunSnapshot& one : snapshot.runs) {
            if (const std::optional<double> value = metric.value(one)) {
                out.sample(labels_of(one), *value);
            }
        }
    }
}

void add_batch_times(Exposition& out, const Snapshot& snapshot)
{
    constexpr double microseconds = 1e6;
    out.family("run_batch_seconds", "gauge",
               "Time of the last hundred batches without waits for locks, of the slowest worker.");
    for (const RunSnapshot& one : snapshot.runs) {
        const Labels labels = labels_of(one);
        out.sample(with(labels, "quantile", "0.5"),
                   largest(one, snapshot.now, &RangeRecord::p50_us) / microseconds);
        out.sample(with(labels, "quantile", "0.99"),
                   largest(one, snapshot.now, &RangeRecord::p99_us) / microseconds);
    }
}

void add_states(Exposition& out, const Snapshot& snapshot)
{
    out.family("run_desired", "gauge", "1 for what people ask of the run.");
    for (const RunSnapshot& one : snapshot.runs) {
        for (const Desired desired : {Desired::running, Desired::paused, Desired::cancelled}) {
            out.sample(with(labels_of(one), "desired", std::string(name_of(desired))),
                       one.run.desired == desired ? 1 : 0);
        }
    }
    out.family("run_state", "gauge", "1 for the state in which the run was last seen.");
    for (const RunSnapshot& one : snapshot.runs) {
        for (const RunState state : {RunState::waiting, RunState::running, RunState::paused,
                                     RunState::done, RunState::cancelled, RunState::failed}) {
            out.sample(with(labels_of(one), "state", std::string(name_of(state))),
                       one.run.state == state ? 1 : 0);
        }
    }
    out.family("run_wait_info", "gauge", "1 with the reason, while a run waits.");
    for (const RunSnapshot& one : snapshot.runs) {
        if (!one.run.wait_reason.empty()) {
            out.sample(with(labels_of(one), "reason", one.run.wait_reason), 1);
        }
    }
}

void add_database(Exposition& out, const Snapshot& snapshot)
{
    out.family("migrations", "gauge", "Migrations recorded in the database, by state.");
    for (const State state : {State::pending, State::expanding, State::expanded, State::migrating,
                              State::migrated, State::contracting, State::contracted, State::purged,
                              State::rolling_back, State::restoring, State::baselined}) {
        const auto found = snapshot.migrations.find(state);
        out.sample({{"state", std::string(name_of(state))}},
                   found == snapshot.migrations.end() ? 0 : number(found->second));
    }
    out.family("brake", "gauge", "1 while every run is stopped.");
    out.sample({}, snapshot.is_braked ? 1 : 0);
    const bool is_held = snapshot.holder && !snapshot.holder->is_expired;
    out.family("lease_held", "gauge", "1 while a command holds the database.");
    out.sample({}, is_held ? 1 : 0);
}

void add_up(Exposition& out, double value)
{
    out.family("up", "gauge", "1 where the database could be read.");
    out.sample({}, value);
    out.family("build_info", "gauge", "1 with the version of the program.");
    out.sample({{"version", std::string(version())}}, 1);
}

/// The number in `digits` characters from `at`, -1 where there is none.
int part(std::string_view time, std::size_t at, std::size_t digits)
{
    int value = -1;
    if (time.size() >= at + digits) {
        std::from_chars(time.data() + at, time.data() + at + digits, value);
    }
    return value;
}

/// Milliseconds since 1970 of "2026-11-21T04:00:00.123Z".
std::optional<std::chrono::milliseconds> moment_of(std::string_view time)
{
    const std::array<int, 7> parts{part(time, 0, 4),  part(time, 5, 2),  part(time, 8, 2),
                                   part(time, 11, 2), part(time, 14, 2), part(time, 17, 2),
                                   part(time, 20, 3)};
    if (std::any_of(parts.begin(), parts.end(), [](int value) { return value < 0; })) {
        return std::nullopt;
    }
    const std::chrono::year_month_day day{std::chrono::year(parts[0]),
                                          std::chrono::month(static_cast<unsigned>(parts[1])),
                                          std::chrono::day(static_cast<unsigned>(parts[2]))};
    return std::chrono::sys_days(day).time_since_epoch() + std::chrono::hours(parts[3]) +
           std::chrono::minutes(parts[4]) + std::chrono::seconds(parts[5]) +
           std::chrono::milliseconds(parts[6]);
}

} // namespace

std::string escaped_label(std::string_view value)
{
    std::string text;
    for (const char c : value) {
        if (c == '\n') {
            text += "\\n";
            continue;
        }
        text += c == '\\' || c == '"' ? "\\" : "";
        text += c;
    }
    return text;
}

double seconds_between(std::string_view from, std::string_view to)
{
    const auto begin = moment_of(from);
    const auto end = moment_of(to);
    if (!begin || !end) {
        return 0;
    }
    return std::max(0.0, std::chrono::duration<double>(*end - *begin).count());
}

std::string prometheus_text(const Snapshot& snapshot)
{
    Exposition out;
    add_up(out, 1);
    add_database(out, snapshot);
    add(out, snapshot, counters());
    add(out, snapshot, gauges(snapshot.now));
    add_batch_times(out, snapshot);
    add_states(out, snapshot);
    return out.take();
}

std::string prometheus_down()
{
    Exposition out;
    add_up(out, 0);
    return out.take();
}

} // namespace sluice
