#include "sluice/core/error.h"
#include "sluice/db/transaction.h"
#include "sluice/state/lease.h"
#include "sluice/state/ledger.h"
#include "sluice/state/schema.h"
#include "support/database.h"

#include <doctest/doctest.h>

#include <atomic>

using namespace sluice;

namespace {

/// Never lets a heartbeat come: sleeping lasts until the end.
class StillClock final : public Clock {
public:
    SteadyTime steady_now() override { return real_.steady_now(); }

    WallTime wall_now() override { return real_.wall_now(); }

    void sleep(Microseconds /*duration*/, const std::stop_token& stop) override
    {
        if (stop.stop_possible()) {
            real_.sleep(std::chrono::hours{1}, stop);
        }
    }

private:
    SystemClock real_;
};

/// The first heartbeat comes when it is told to, and no second one.
class ToldClock final : public Clock {
public:
    SteadyTime steady_now() override { return real_.steady_now(); }

    WallTime wall_now() override { return real_.wall_now(); }

    void sleep(Microseconds /*duration*/, const std::stop_token& stop) override
    {
        if (++sleeps_ == 1) {
            told_.wait(false);
            return;
        }
        beaten_ = true;
        beaten_.notify_all();
        real_.sleep(std::chrono::hours{1}, stop);
    }

    void beat_once()
    {
        told_ = true;
        told_.notify_all();
        beaten_.wait(false);
    }

private:
    SystemClock real_;
    int sleeps_ = 0;
    std::atomic<bool> told_{false};
    std::atomic<bool> beaten_{false};
};

Actor another_living()
{
    Actor actor = current_actor();
    actor.name = "kim";
    actor.host = "elsewhere";
    actor.started = "unknown";
    return actor;
}

Actor dead()
{
    Actor actor = current_actor();
    actor.pid = 4'190'000;
    return actor;
}

struct Fixture {
    test::TestDatabase database;
    StillClock clock;
    Session session = database.open();
    Session other = database.open();

    Fixture() { ensure_state(session); }

    void expire()
    {
        session.execute("UPDATE " + session.dialect().state_table("lease") +
                        " SET expires_at = '2000-01-01T00:00:00.000Z'");
    }
};

} // namespace

TEST_CASE_FIXTURE(Fixture,
                  "a second runner is told who holds the database, since when, and what to do")
{
    const Lease lease(session, database.connect(), clock, {another_living(), "apply"});
    try {
        const Lease second(other, database.connect(), clock, {current_actor(), "apply"});
        FAIL("not held");
    } catch (const Error& error) {
        CHECK(error.kind == ErrorKind::held);
        CHECK(error.message.find("kim on elsewhere") != std::string::npos);
        CHECK(error.message.find("\"apply\"") != std::string::npos);
        CHECK(error.details.hint.find("sluice unlock") != std::string::npos);
    }
}

TEST_CASE_FIXTURE(Fixture, "a lease is given back at its end")
{
    {
        const Lease lease(session, database.connect(), clock, {current_actor(), "apply"});
        REQUIRE(lease_holder(other).has_value());
        CHECK(lease_holder(other)->verb == "apply");
        CHECK_FALSE(lease_holder(other)->is_expired);
    }
    CHECK_FALSE(lease_holder(other).has_value());
}

TEST_CASE_FIXTURE(Fixture, "a holder whose process is gone from this machine is taken over at once")
{
    const Lease first(session, database.connect(), clock, {dead(), "apply"});
    Session third = database.open();
    const Lease second(third, database.connect(), clock, {current_actor(), "expand"});
    CHECK(lease_holder(third)->verb == "expand");
}

TEST_CASE_FIXTURE(Fixture,
                  "an expired lease goes to the next, and its old holder can write nothing more")
{
    const Lease first(session, database.connect(), clock, {another_living(), "apply"});
    Session dies = database.open(); // stands for the first holder waking up on another connection
    expire();
    const Lease second(other, database.connect(), clock, {current_actor(), "expand"});
    {
        const Transaction transaction(dies);
        append_ledger(dies, current_actor(), {.verb = "too late"});
        try {
            first.confirm(dies);
            FAIL("not fenced");
        } catch (const Error& error) {
            CHECK(error.kind == ErrorKind::held);
            CHECK(error.message.find("expand") != std::string::npos);
        }
    }
    CHECK(read_ledger(other, 10).empty());
    CHECK_NOTHROW(second.confirm(other));
}

TEST_CASE_FIXTURE(Fixture,
                  "the session of a dead holder is ended on the server before its lease is taken")
{
    if (!session.dialect().capabilities().terminates_sessions) {
        CHECK(session.connection_id().empty());
        return;
    }
    Session working = database.open();
    const Lease first(working, database.connect(), clock, {dead(), "apply"});
    const std::string id = working.connection_id();
    REQUIRE(session.is_alive(id));
    const Lease second(other, database.connect(), clock, {current_actor(), "apply"});
    CHECK_FALSE(session.is_alive(id));
    CHECK_THROWS_AS((void)working.query("SELECT 1"), Error);
}

TEST_CASE_FIXTURE(Fixture, "confirming renews the lease")
{
    const Lease lease(session, database.connect(), clock, {current_actor(), "apply"});
    expire();
    REQUIRE(lease_holder(other)->is_expired);
    lease.confirm(session);
    CHECK_FALSE(lease_holder(other)->is_expired);
}

TEST_CASE_FIXTURE(Fixture, "the heartbeat renews the lease while the working session is busy")
{
    ToldClock told;
    const Lease lease(session, database.connect(), told, {current_actor(), "apply"});
    expire();
    REQUIRE(lease_holder(other)->is_expired);
    told.beat_once();
    CHECK_FALSE(lease_holder(other)->is_expired);
}

TEST_CASE_FIXTURE(Fixture, "unlock takes the lease away whoever holds it, and says who did")
{
    const Lease lease(session, database.connect(), clock, {another_living(), "apply"});
    CHECK(break_lease(other)->actor.name == "kim");
    CHECK_FALSE(break_lease(other).has_value());
    CHECK_THROWS_AS(lease.confirm(session), Error);
}

TEST_CASE("a process that lives is not gone, and nothing is claimed about other machines")
{
    const Actor self = current_actor();
    CHECK_FALSE(is_gone(self));
    Actor reused = self;
    reused.started += "1";
    CHECK(is_gone(reused));
    CHECK_FALSE(is_gone(another_living()));
    CHECK_FALSE(is_gone({"kim", "elsewhere", 4'190'000, ""}));
    const Actor read = owner_from(owner_text(self));
    CHECK(read.host == self.host);
    CHECK(read.pid == self.pid);
    CHECK(read.started == self.started);
}
