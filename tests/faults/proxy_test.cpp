// The failing network of the tests itself: each fault does to one connection what it says.

#include "sluice/core/error.h"
#include "support/faults.h"
#include "support/proxy.h"

#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <string>

using namespace sluice;
using namespace std::chrono_literals;

namespace {

/// A table with one row per insert that the server carried out.
struct Marks {
    Marks() { database.run("CREATE TABLE marks (n integer)"); }

    /// What came of one insert on a connection through the proxy; nothing: it succeeded.
    std::optional<Cause> insert()
    {
        Session session = test::connect_to(proxy.url_text())({});
        proxy.set(trap);
        try {
            session.execute("INSERT INTO marks VALUES (1)");
            return std::nullopt;
        } catch (const Error& error) {
            return error.details.cause;
        }
    }

    [[nodiscard]] bool appears(const std::string& count) const
    {
        test::wait_until("marks to be " + count,
                         [&] { return database.value("SELECT count(*) FROM marks") == count; });
        return true;
    }

    test::TestDatabase database;
    test::Proxy proxy{database.url_text()};
    test::Trap trap{.text = "INSERT"};
};

} // namespace

TEST_CASE("a proxy that is told nothing changes nothing")
{
    if (test::engine() == Engine::sqlite) {
        return;
    }
    const test::TestDatabase database;
    const test::Proxy proxy(database.url_text());
    Session session = test::connect_to(proxy.url_text())({});
    const std::string large(3'000'000, 'x');
    CHECK(session.query("SELECT '" + large + "'")[0][0] == large);
}

TEST_CASE("a connection that is cut before a request leaves nothing done")
{
    if (test::engine() == Engine::sqlite) {
        return;
    }
    for (const test::Moment moment : {test::Moment::before_request, test::Moment::amid_request}) {
        for (const test::Fault fault : {test::Fault::cut, test::Fault::reset}) {
            Marks marks;
            marks.trap.moment = moment;
            marks.trap.fault = fault;
            CHECK(marks.insert() == Cause::connection_lost);
            CHECK(marks.proxy.springs_within(0ms));
            CHECK(marks.database.value("SELECT count(*) FROM marks") == "0");
        }
    }
}

TEST_CASE("a connection that is cut on the way back leaves the work done and nobody told")
{
    if (test::engine() == Engine::sqlite) {
        return;
    }
    for (const test::Moment moment : {test::Moment::before_reply, test::Moment::amid_reply}) {
        for (const test::Fault fault :
             {test::Fault::cut, test::Fault::reset, test::Fault::half_cut}) {
            Marks marks;
            marks.trap.moment = moment;
            marks.trap.fault = fault;
            CHECK(marks.insert() == Cause::connection_lost);
            CHECK(marks.appears("1"));
        }
    }
}

TEST_CASE("a stalled connection goes on when the stall is over")
{
    if (test::engine() == Engine::sqlite) {
        return;
    }
    for (const test::Moment moment :
         {test::Moment::before_request, test::Moment::amid_request, test::Moment::after_request,
          test::Moment::before_reply, test::Moment::amid_reply}) {
        Marks marks;
        marks.trap.moment = moment;
        marks.trap.fault = test::Fault::stall;
        marks.trap.duration = 30ms;
        const auto began = std::chrono::steady_clock::now();
        CHECK(marks.insert() == std::nullopt);
        CHECK(std::chrono::steady_clock::now() - began >= 30ms);
        CHECK(marks.database.value("SELECT count(*) FROM marks") == "1");
    }
}

TEST_CASE("a trap waits for the request that it was set for")
{
    if (test::engine() == Engine::sqlite) {
        return;
    }
    Marks marks;
    Session session = test::connect_to(marks.proxy.url_text())({});
    marks.proxy.set({.requests_before = 2, .text = "INSERT"});
    for (int n = 0; n < 2; ++n) {
        session.execute("INSERT INTO marks VALUES (1)");
        CHECK(session.query("SELECT 1")[0][0] == "1");
    }
    CHECK(marks.proxy.is_set());
    CHECK_THROWS_AS(session.execute("INSERT INTO marks VALUES (1)"), Error);
    CHECK(marks.proxy.springs_within(0ms));
    CHECK(marks.database.value("SELECT count(*) FROM marks") == "2");
}
