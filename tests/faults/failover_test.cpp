// Another server comes to stand at the address while a worker works: a standby that is promoted
// when its primary has died, the primary that it left behind, or one that has nothing to do with
// the database.

#include "sluice/core/error.h"
#include "support/backfill.h"
#include "support/faults.h"
#include "support/private_server.h"
#include "support/proxy.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

using namespace sluice;

namespace {

constexpr int table_rows = 1'000;
constexpr int batch_rows = 20;
constexpr int batches_before = 10;

/// Acts in the worker's own thread, so that the worker stands between two batches meanwhile.
class Meddler final : public Listener {
public:
    void on(const Event& event) override
    {
        if (std::holds_alternative<BatchDone>(event) && ++batches == batches_before) {
            after_some_batches();
        }
        if (const auto* retrying = std::get_if<Retrying>(&event)) {
            on_failure(retrying->error);
        }
    }

    std::function<void()> after_some_batches;
    std::function<void(const std::string& error)> on_failure = [](const std::string&) {};
    int batches = 0;
};

/// Tables and a run in a database that has the same name on each of these servers.
std::int64_t make_work(const std::string& url)
{
    test::make_counters(test::connect_to(url), table_rows);
    return test::make_counting_run(test::connect_to(url), batch_rows);
}

BackfillEnd work(const test::Proxy& proxy, Meddler& meddler, std::int64_t run)
{
    SystemClock clock;
    return run_backfill(test::connect_to(proxy.url_text()), clock, meddler, {}, run,
                        test::counting_work(), {.actor = current_actor()});
}

/// What the worker ends with where it may not go on.
Error refusal(const test::Proxy& proxy, Meddler& meddler, std::int64_t run)
{
    try {
        (void)work(proxy, meddler, run);
    } catch (const Error& error) {
        return error;
    }
    return {ErrorKind::internal, "it went on"};
}

std::string url_on(const test::PrivateServer& server, const std::string& url)
{
    const std::string other = server.url();
    return other.substr(0, other.rfind('/')) + url.substr(url.rfind('/'));
}

void make_standby_read_only(const test::PrivateServer& standby)
{
    if (test::engine() == Engine::mysql) {
        standby.open().execute("SET GLOBAL read_only = 1");
    }
}

void promote(const test::PrivateServer& standby)
{
    Session session = standby.open();
    if (test::engine() == Engine::postgresql) {
        CHECK(session.query("SELECT pg_promote()")[0][0] == "t");
        return;
    }
    for (const char* sql : {"STOP SLAVE", "RESET SLAVE ALL", "SET GLOBAL read_only = 0"}) {
        session.execute(sql);
    }
}

void await_batches(const std::string& url, std::int64_t run)
{
    test::wait_until("the standby to follow", [&] {
        try {
            return test::batches_done(test::connect_to(url), run) >= batches_before / 2;
        } catch (const Error&) {
            return false; // it has yet to hear of the database
        }
    });
}

long long rows_counted(const std::string& url)
{
    Session session = test::connect_to(url)({});
    return std::stoll(*session.query("SELECT coalesce(sum(n), 0) FROM counters")[0][0]);
}

} // namespace

TEST_CASE("a backfill waits for the promotion of a standby and goes on there, every row once")
{
    if (test::engine() == Engine::sqlite) {
        return;
    }
    test::PrivateServer primary(test::engine() == Engine::mysql
                                    ? std::vector<std::string>{"--log-bin", "--server-id=1"}
                                    : std::vector<std::string>{});
    test::PrivateServer standby(test::ReplicaOf{primary});
    make_standby_read_only(standby);
    const std::string url = primary.make_database();
    const std::int64_t run = make_work(url);
    test::Proxy proxy(url);
    Meddler meddler;
    meddler.after_some_batches = [&] {
        await_batches(url_on(standby, url), run);
        primary.crash();
        proxy.lead_to(standby.url());
    };
    int refused = 0;
    meddler.on_failure = [&](const std::string& error) {
        if (error.find("only reads") != std::string::npos && ++refused == 2) {
            promote(standby);
        }
    };
    CHECK(work(proxy, meddler, run) == BackfillEnd::done);
    CHECK(refused >= 2);
    test::check_counted_once(test::connect_to(url_on(standby, url)), table_rows);

    // MariaDB's servers have nothing that would tell the two apart.
    if (test::engine() == Engine::postgresql) {
        primary.restart();
        const std::int64_t next =
            test::make_counting_run(test::connect_to(url_on(standby, url)), batch_rows);
        const long long before = rows_counted(url);
        Meddler back;
        back.after_some_batches = [&] {
            proxy.lead_to(primary.url());
            proxy.set({.fault = test::Fault::cut});
        };
        const Error error = refusal(proxy, back, next);
        CHECK(error.kind == ErrorKind::refused);
        CHECK(error.message.find("a primary that was left behind answers now") == 0);
        CHECK_FALSE(error.details.hint.empty());
        CHECK(rows_counted(url) == before);
    }
}

TEST_CASE("a backfill does not go on in a database of the same name on another server")
{
    if (test::engine() == Engine::sqlite) {
        return;
    }
    const test::TestDatabase database;
    const test::PrivateServer other;
    const std::int64_t run = make_work(database.url_text());
    const std::string there = url_on(other, database.url_text());
    other.open().execute("CREATE DATABASE " + there.substr(there.rfind('/') + 1));
    CHECK(make_work(there) == run);
    test::Proxy proxy(database.url_text());
    Meddler meddler;
    meddler.after_some_batches = [&] {
        proxy.lead_to(other.url());
        proxy.set({.fault = test::Fault::cut});
    };
    const Error error = refusal(proxy, meddler, run);
    CHECK(error.kind == ErrorKind::refused);
    CHECK(error.message.find("another database answers now") != std::string::npos);
    CHECK_FALSE(error.details.hint.empty());
    CHECK(rows_counted(there) == 0);
    CHECK(rows_counted(database.url_text()) == batches_before * batch_rows);
}
