#include "sluice/backfill/keyset.h"
#include "sluice/backfill/one_key.h"
#include "sluice/core/error.h"
#include "sluice/db/catalog.h"
#include "sluice/db/transaction.h"
#include "sluice/state/bad_rows.h"
#include "sluice/state/schema.h"
#include "support/database.h"

#include <doctest/doctest.h>

using namespace sluice;

namespace {

BackfillWork work_on(Session& session, const std::string& table,
                     const std::vector<std::string>& key)
{
    BackfillWork work;
    work.table = parse_table_name(table);
    const Catalog catalog = read_catalog(session, {work.table});
    const Table* found = catalog.find(work.table);
    REQUIRE(found != nullptr);
    work.table = found->name;
    for (const std::string& column : key) {
        work.key.push_back(*found->find(column));
    }
    work.set = {{"n", "n + 1"}};
    work.once = true;
    return work;
}

} // namespace

TEST_CASE("a key is compared as the table's own column compares it")
{
    const test::TestDatabase database;
    Session session = database.open();
    session.execute("CREATE TABLE t (a integer NOT NULL, b varchar(20) NOT NULL, n integer NOT "
                    "NULL, PRIMARY KEY (a, b))");
    const BackfillWork work = work_on(session, "t", {"a", "b"});
    const auto lies = [&](const std::string& typed, const KeyBounds& bounds) {
        return key_between(session, work, typed_key(typed, work.key), bounds);
    };
    const KeyBounds bounds{.after = R"(["7","b"])", .upto = R"(["20","b"])"};
    CHECK(lies(R"(["7","c"])", bounds) == R"(["7","c"])");
    CHECK(lies(R"(["9","a"])", bounds).has_value()); // a number, not a text
    CHECK(lies(R"(["20","b"])", bounds).has_value());
    CHECK_FALSE(lies(R"(["7","b"])", bounds).has_value());
    CHECK_FALSE(lies(R"(["20","c"])", bounds).has_value());
    CHECK(lies(R"(["1","a"])", {.after = {}, .upto = bounds.upto}).has_value());
    CHECK(typed_key("[]", work.key).empty());
    CHECK_THROWS_AS((void)typed_key("7", work.key), Error);
}

TEST_CASE("the work on one key changes this row alone, and none where there is none")
{
    const test::TestDatabase database;
    Session session = database.open();
    session.execute("CREATE TABLE t (id integer NOT NULL PRIMARY KEY, n integer NOT NULL)");
    session.execute("INSERT INTO t VALUES (1, 0), (2, 0), (12, 0)");
    BackfillWork work = work_on(session, "t", {"id"});
    CHECK(work_on_key(session, work, typed_key("2", work.key)) == 1);
    CHECK(work_on_key(session, work, typed_key("3", work.key)) == 0);
    CHECK(session.query("SELECT id FROM t WHERE n = 1").size() == 1);
    work.needs_work = "n = 0";
    CHECK(work_on_key(session, work, typed_key("2", work.key)) == 0);
    CHECK(work_on_key(session, work, typed_key("12", work.key)) == 1);
}

TEST_CASE("a bad row is open until it is resolved, once")
{
    const test::TestDatabase database;
    Session session = database.open();
    ensure_state(session);
    BadRows rows(session);
    rows.add(7, R"(["a"])", "first");
    rows.add(7, R"(["A"])", "another key");
    rows.add(7, R"(["a"])", "second");
    rows.add(8, R"(["a"])", "another run");
    CHECK(rows.open_count(7) == 2);
    const std::vector<BadRow> listed = rows.list(7);
    REQUIRE(listed.size() == 2);
    CHECK(listed[0].key == R"(["a"])");
    CHECK(listed[0].tries == 2);
    CHECK(listed[0].error == "second");
    {
        Transaction undone(session);
        CHECK(rows.resolve(listed[0].id, Resolution::retried));
    }
    CHECK(rows.open_count(7) == 2);
    CHECK(rows.resolve(listed[0].id, Resolution::retried));
    CHECK_FALSE(rows.resolve(listed[0].id, Resolution::waived));
    CHECK(rows.list(7)[0].resolution == Resolution::retried);
    CHECK(rows.open_count(7) == 1);
    rows.add(7, R"(["a"])", "bad again"); // a resolved row that is found bad again is another
    CHECK(rows.list(7).size() == 3);
}
