#include "sluice/core/error.h"
#include "sluice/db/server_identity.h"
#include "support/database.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

using namespace sluice;

namespace {

/// What the check says; the cause is none where it says nothing.
Cause check(const ServerIdentity& before, Session& session)
{
    try {
        check_same_database(before, server_identity(session));
        return Cause::none;
    } catch (const Error& error) {
        CHECK_FALSE(error.details.hint.empty());
        return error.kind == ErrorKind::refused ? Cause::other : error.details.cause;
    }
}

} // namespace

TEST_CASE("a server is known again on another connection")
{
    const test::TestDatabase database;
    Session first = database.open();
    const ServerIdentity identity = server_identity(first);
    CHECK_FALSE(identity.database.empty());
    CHECK_FALSE(identity.node.empty());
    CHECK(identity.takes_writes);
    Session second = database.open();
    CHECK(server_identity(second).database == identity.database);
    CHECK(server_identity(second).node == identity.node);
    CHECK(check(identity, second) == Cause::none);
}

TEST_CASE("another database is not taken for the one that was worked on")
{
    const test::TestDatabase database;
    const test::TestDatabase other;
    Session before = database.open();
    Session after = other.open();
    CHECK(check(server_identity(before), after) == Cause::other);
}

TEST_CASE("a server that only reads is waited for and not worked on")
{
    const test::TestDatabase database;
    Session session = database.open();
    const ServerIdentity identity = server_identity(session);
    session.execute(test::by_engine("SET default_transaction_read_only = on",
                                    "SET SESSION TRANSACTION READ ONLY", "PRAGMA query_only = 1"));
    CHECK_FALSE(server_identity(session).takes_writes);
    CHECK(check(identity, session) == Cause::connection_lost);
}

TEST_CASE("a file that was put in the place of the database is another database")
{
    if (test::engine() != Engine::sqlite) {
        return;
    }
    const test::TestDatabase database;
    database.run("CREATE TABLE t (n integer)");
    Session session = database.open();
    const ServerIdentity identity = server_identity(session);
    const std::string path = database.url().path;
    std::filesystem::copy_file(path, path + ".copy");
    std::filesystem::rename(path + ".copy", path);
    CHECK(check(identity, session) == Cause::other);
}

TEST_CASE("a user who may not ask for the cluster's identifier still tells databases apart")
{
    if (test::engine() != Engine::postgresql) {
        return;
    }
    const test::TestDatabase database;
    const test::TestDatabase other;
    for (const test::TestDatabase* one : {&database, &other}) {
        one->run("REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC");
    }
    const auto unprivileged = [](const test::TestDatabase& one) {
        Session session = one.open();
        session.execute("SET ROLE pg_monitor");
        return session;
    };
    Session before = unprivileged(database);
    Session after = unprivileged(other);
    CHECK(check(server_identity(before), before) == Cause::none);
    CHECK(check(server_identity(before), after) == Cause::other);
}
