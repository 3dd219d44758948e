// Where the ranges of a pass end when it is opened.

#include "sluice/backfill/backfill.h"
#include "sluice/backfill/batch.h"
#include "sluice/backfill/cuts.h"
#include "sluice/backfill/keyset.h"
#include "sluice/core/error.h"
#include "sluice/db/catalog.h"
#include "sluice/state/ranges.h"
#include "support/backfill.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace sluice;
using test::engine;

namespace {

/// "users" without rows and with another key, whose columns are named.
BackfillWork make_keyed(const test::TestDatabase& database, const std::string& columns,
                        const std::vector<std::string>& key)
{
    test::make_users(database, 0);
    std::string names;
    for (const std::string& name : key) {
        names += (names.empty() ? "" : ", ") + name;
    }
    database.run(fmt::format("DROP TABLE users; CREATE TABLE users ({}, n integer NOT NULL DEFAULT "
                             "0, PRIMARY KEY ({}))",
                             columns, names));
    BackfillWork work = test::increment_work();
    Session session = database.open();
    const Catalog catalog = read_catalog(session, {work.table});
    work.key.clear();
    for (const std::string& name : key) {
        work.key.push_back(*catalog.find(work.table)->find(name));
    }
    return work;
}

/// Inserts one row for each number from 1 to a power of two, which stands in `expression` as i.
void fill(const test::TestDatabase& database, const std::string& columns,
          const std::string& expression, int doublings)
{
    database.run("CREATE TABLE numbers (i bigint NOT NULL); INSERT INTO numbers VALUES (1)");
    for (int n = 0; n < doublings; ++n) {
        database.run(
            fmt::format("INSERT INTO numbers SELECT i + {} FROM numbers", std::int64_t{1} << n));
    }
    database.run(fmt::format("INSERT INTO users ({}) SELECT {} FROM numbers", columns, expression));
}

KeyValues last_of(Session& session, const BackfillWork& work)
{
    return read_key(session.query(last_key_query(session.dialect(), work.table, work.key)),
                    work.key)
        .value();
}

std::vector<std::string> cuts_of(const test::TestDatabase& database, const BackfillWork& work,
                                 int workers)
{
    Session session = database.open();
    const std::int64_t rows = std::stoll(database.value("SELECT count(*) FROM users"));
    return cut_into_ranges(session, work, last_of(session, work), rows,
                           {.batch_rows = 100, .batch_max = 100, .workers = workers});
}

/// Rows between the cuts. That each has some, and all together the whole table, means that the cuts
/// ascend and that the last row is none of them.
std::vector<std::int64_t> rows_between(const test::TestDatabase& database, const BackfillWork& work,
                                       std::vector<std::string> cuts)
{
    Session session = database.open();
    cuts.push_back(encode_key(last_of(session, work)));
    std::vector<std::int64_t> counts;
    KeyValues from;
    for (const std::string& cut : cuts) {
        Sql sql = session.dialect().sql();
        sql << "SELECT count(*) FROM users WHERE ";
        append_range(sql, session.dialect(), work.key, from, decode_key(cut));
        counts.push_back(std::stoll(session.query(sql.take())[0][0].value()));
        from = decode_key(cut);
    }
    return counts;
}

/// Ranges of at least a quarter and at most three times of an even share.
void check_even(const std::vector<std::int64_t>& counts, std::size_t ranges, std::int64_t rows)
{
    REQUIRE(counts.size() == ranges);
    const std::int64_t share = rows / static_cast<std::int64_t>(ranges);
    CHECK(*std::min_element(counts.begin(), counts.end()) >= share / 4);
    CHECK(*std::max_element(counts.begin(), counts.end()) <= share * 3);
}

void check_covered(const std::vector<std::int64_t>& counts, std::int64_t rows)
{
    std::int64_t sum = 0;
    for (const std::int64_t count : counts) {
        CHECK(count > 0);
        sum += count;
    }
    CHECK(sum == rows);
}

/// Works on a run of four workers to its end.
std::size_t work_through(const test::TestDatabase& database, const BackfillWork& work)
{
    const std::int64_t run = test::make_run(database, 100);
    Session session = database.open();
    Pace pace = Runs(session).find(run)->pace;
    pace.workers = 4;
    Runs(session).set_pace(run, pace);
    SystemClock clock;
    test::Recorder listener;
    CHECK(run_backfill(database.connect(), clock, listener, {}, run, work,
                       {.actor = current_actor()}) == BackfillEnd::done);
    CHECK(database.value("SELECT count(*) FROM users WHERE n <> 1") == "0");
    return Ranges(session).all(run).size();
}

constexpr int doublings = 15;
constexpr std::int64_t many = 1 << doublings;

} // namespace

TEST_CASE("a table for eight workers is cut into ranges of about as many rows")
{
    const test::TestDatabase database;
    const BackfillWork work = make_keyed(database, "id bigint NOT NULL", {"id"});
    fill(database, "id", "i * 3 - 50000", doublings);
    const auto counts = rows_between(database, work, cuts_of(database, work, 8));
    check_covered(counts, many);
    check_even(counts, engine() == Engine::sqlite ? 1 : 32, many);
}

TEST_CASE("a sample of some pages tells enough, in whatever order the rows lie")
{
    if (engine() != Engine::postgresql) {
        return;
    }
    const test::TestDatabase database;
    const BackfillWork work =
        make_keyed(database, "id bigint NOT NULL, u uuid NOT NULL, pad char(400)", {"id"});
    fill(database, "id, u, pad", "i, md5(i::text)::uuid, ''", doublings); // 2000 pages
    check_even(rows_between(database, work, cuts_of(database, work, 2)), 8, many);
    database.run("CREATE UNIQUE INDEX by_u ON users (u)");
    BackfillWork by_uuid = work;
    Session session = database.open();
    by_uuid.key = {*read_catalog(session, {work.table}).find(work.table)->find("u")};
    check_even(rows_between(database, by_uuid, cuts_of(database, by_uuid, 2)), 8, many);
}

TEST_CASE("keys that lie unevenly are cut where the rows are, or at fewer places")
{
    const test::TestDatabase database;
    const BackfillWork work = make_keyed(database, "id bigint NOT NULL", {"id"});
    fill(database, "id", "CASE WHEN i > 30000 THEN i * 1000000000000 ELSE i END", doublings);
    const auto cuts = cuts_of(database, work, 2);
    const auto counts = rows_between(database, work, cuts);
    check_covered(counts, many);
    if (engine() == Engine::postgresql) {
        check_even(counts, 8, many);
    } else {
        CHECK((engine() == Engine::sqlite || counts.size() >= 2));
    }
}

TEST_CASE("text keys are cut in the order of their collation")
{
    const test::TestDatabase database;
    const std::string text =
        test::by_engine("text COLLATE \"en-x-icu\"", "varchar(40) COLLATE utf8mb4_general_ci",
                        "TEXT COLLATE NOCASE");
    const BackfillWork work = make_keyed(database, "name " + text + " NOT NULL", {"name"});
    const std::string letters = test::by_engine("substr('aBcDeFgÄ', (i % 8)::int + 1, 1) || i",
                                                "concat(substr('aBcDeFgÄ', i % 8 + 1, 1), i)",
                                                "substr('aBcDeFgÄ', i % 8 + 1, 1) || i");
    fill(database, "name", letters, 14);
    const auto counts = rows_between(database, work, cuts_of(database, work, 2));
    check_covered(counts, 1 << 14);
    CHECK(counts.size() == (engine() == Engine::postgresql ? 8 : 1)); // elsewhere they are counted
    const std::size_t ranges = work_through(database, work);
    CHECK((engine() != Engine::postgresql || ranges >= 8));
}

TEST_CASE("keys of several columns are cut between rows that share the first of them")
{
    const test::TestDatabase database;
    const BackfillWork work =
        make_keyed(database, "region int NOT NULL, id bigint NOT NULL", {"region", "id"});
    fill(database, "region, id", "CASE WHEN i > 100 THEN 7 ELSE i END, i", 14);
    const auto counts = rows_between(database, work, cuts_of(database, work, 2));
    check_covered(counts, 1 << 14);
    CHECK(counts.size() == (engine() == Engine::postgresql ? 8 : 1));
    const std::size_t ranges = work_through(database, work);
    CHECK((engine() != Engine::postgresql || ranges >= 8));
}

TEST_CASE("a table is not cut where a range would not be worth having")
{
    const test::TestDatabase database;
    const BackfillWork work = make_keyed(database, "id bigint NOT NULL", {"id"});
    fill(database, "id", "i", 9); // 512 rows, a range has 400
    CHECK(cuts_of(database, work, 8).empty());
    Session session = database.open();
    const Pace pace{.batch_rows = 10, .batch_max = 10};
    CHECK(cut_into_ranges(session, work, {"512"}, 512, pace).empty()); // one worker
    // The estimate is wrong, and almost nothing is there.
    database.run("DELETE FROM users WHERE id < 510");
    const Pace eight{.batch_rows = 10, .batch_max = 10, .workers = 8};
    const auto cuts = cut_into_ranges(session, work, {"512"}, 1'000'000, eight);
    check_covered(rows_between(database, work, cuts), 3);
    CHECK((engine() == Engine::mysql || cuts.empty()));
}

TEST_CASE("the rows at which a table was cut may go, and the others are changed once")
{
    const test::TestDatabase database;
    const BackfillWork work = make_keyed(database, "id bigint NOT NULL", {"id"});
    fill(database, "id", "i", 12);
    const std::int64_t run = test::make_run(database, 100);
    Session session = database.open();
    const std::vector<std::string> cuts = {R"(["1000"])", R"(["1001"])", R"(["3000"])"};
    Ranges(session).open_pass(run, 1, cuts, R"(["4096"])");
    database.run("DELETE FROM users WHERE id IN (1000, 1001, 3000)");
    SystemClock clock;
    test::Recorder listener;
    CHECK(run_backfill(database.connect(), clock, listener, {}, run, work,
                       {.actor = current_actor()}) == BackfillEnd::done);
    CHECK(database.value("SELECT count(*) FROM users WHERE n = 1") == "4093");
    CHECK(Ranges(session).all(run).size() == 4);
}

TEST_CASE("ranges that are cut at the same time get numbers of their own")
{
    if (engine() == Engine::sqlite) {
        return; // one writer
    }
    const test::TestDatabase database;
    test::make_users(database, 0);
    const std::int64_t run = test::make_run(database, 100);
    Session first = database.open();
    Ranges(first).open_pass(run, 1, {R"(["100"])"}, R"(["200"])");
    bool has_inserted = false;
    Session second =
        database.open({.lock_timeout = std::chrono::milliseconds{0},
                       .before_statement = [&](std::string_view, std::string_view sql) {
                           has_inserted = has_inserted || sql.starts_with("INSERT");
                       }});
    first.begin();
    CHECK(Ranges(first).cut(Ranges(first).lock(run, 1).value(), R"(["50"])") == 3);
    second.begin();
    const RangeRecord other = Ranges(second).lock(run, 2).value();
    CHECK_THROWS_AS((void)Ranges(second).cut(other, R"(["150"])"), Error);
    CHECK(!has_inserted); // as number 3 as well
    second.rollback();
    first.commit();
    second.begin();
    CHECK(Ranges(second).cut(Ranges(second).lock(run, 2).value(), R"(["150"])") == 4);
    second.commit();
}

TEST_CASE("batches on both sides of a cut are not in each other's way")
{
    if (engine() == Engine::sqlite) {
        return; // one writer
    }
    const test::TestDatabase database;
    const BackfillWork work = make_keyed(database, "id bigint NOT NULL", {"id"});
    fill(database, "id", "i", 10);
    const std::int64_t run = test::make_run(database, 100);
    Session session = database.open();
    Ranges ranges(session);
    ranges.open_pass(run, 1, {R"(["100"])"}, R"(["200"])");
    Session other = database.open({.batch = true});
    const auto batch = [&](int ordinal, const std::string& cursor, const std::string& upper) {
        (void)ranges.claim(run, ordinal, current_actor(), "mine", std::chrono::seconds{30});
        Session own = database.open({.batch = true});
        return run_batch(own, work,
                         {.held = {run, ordinal, "mine"}, .cursor = cursor, .upper = upper})
            .end;
    };
    other.begin();
    other.execute("UPDATE users SET n = n + 1 WHERE id > 50 AND id <= 100");
    CHECK(batch(2, R"(["100"])", R"(["200"])") == BatchEnd::finished);
    other.rollback();
    other.begin();
    other.execute("UPDATE users SET n = n + 1 WHERE id > 100 AND id <= 150");
    if (engine() == Engine::mysql) {
        // InnoDB locks the row behind the end of a range as well: the batch gives way at once, and
        // is tried again when the other one is over.
        CHECK_THROWS_AS((void)batch(1, "", R"(["100"])"), Error);
        other.rollback();
    }
    CHECK(batch(1, "", R"(["100"])") == BatchEnd::finished);
}
