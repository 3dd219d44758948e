// Rows that a backfill cannot change: found, recorded and gone past, each once, while every other
// row is changed exactly once.

#include "sluice/backfill/isolation.h"
#include "sluice/backfill/keyset.h"
#include "sluice/backfill/one_key.h"
#include "sluice/db/transaction.h"
#include "sluice/run/gate.h"
#include "sluice/state/bad_rows.h"
#include "sluice/state/schema.h"
#include "support/project.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <numeric>
#include <random>
#include <string>
#include <vector>

using namespace sluice;
using test::engine;
using test::error_of;

namespace {

constexpr int rows = 40;

/// Fills "users", ids 3 apart. No n may become 100, as those of `bad` would.
void fill(const test::TestDatabase& database, const std::vector<int>& bad, int number = rows)
{
    std::string values;
    for (int n = 1; n <= number; ++n) {
        const bool is_bad = std::find(bad.begin(), bad.end(), n) != bad.end();
        values += fmt::format("{}({}, {})", n == 1 ? "" : ", ", 3 * n, is_bad ? 99 : 0);
    }
    database.run("DELETE FROM users; INSERT INTO users VALUES " + values);
}

/// A database with sluice's state and such a table.
struct Picky {
    explicit Picky(const std::vector<int>& bad, int number = rows)
    {
        Session session = database.open();
        ensure_state(session);
        session.execute("CREATE TABLE users (id bigint NOT NULL PRIMARY KEY, n integer NOT NULL, "
                        "CHECK (n < 100))");
        fill(database, bad, number);
    }

    [[nodiscard]] std::int64_t run(std::int64_t allowed, std::int64_t batch_rows = 10) const
    {
        const std::int64_t id = test::make_run(database, batch_rows);
        Session session = database.open();
        Runs(session).allow_bad_rows(id, allowed);
        return id;
    }

    [[nodiscard]] RunRecord record(std::int64_t id) const
    {
        Session session = database.open();
        return Runs(session).find(id).value();
    }

    [[nodiscard]] std::vector<BadRow> bad_rows(std::int64_t id) const
    {
        Session session = database.open();
        return BadRows(session).list(id);
    }

    [[nodiscard]] std::string count(const std::string& where) const
    {
        return database.value("SELECT count(*) FROM users WHERE " + where);
    }

    test::TestDatabase database;
};

std::vector<std::string> keys_of(const std::vector<BadRow>& bad)
{
    std::vector<std::string> keys;
    for (const BadRow& row : bad) {
        keys.push_back(row.key);
    }
    return keys;
}

std::vector<std::string> keys_of(const std::vector<int>& bad)
{
    std::vector<std::string> keys;
    for (const int n : bad) {
        keys.push_back(encode_key({std::to_string(3 * n)}));
    }
    return keys;
}

std::vector<int> from_to(int first, int last)
{
    std::vector<int> all(static_cast<std::size_t>(last - first) + 1);
    std::iota(all.begin(), all.end(), first);
    return all;
}

/// The run is done: these rows were recorded once and are as they were, all others were counted up.
void check_set_aside(const Picky& picky, std::int64_t run, const std::vector<int>& bad,
                     int number = rows)
{
    const std::vector<BadRow> found = picky.bad_rows(run);
    CHECK(keys_of(found) == keys_of(bad));
    CHECK(std::all_of(found.begin(), found.end(), [](const BadRow& row) {
        return row.tries == 1 && row.resolution == Resolution::open && !row.error.empty();
    }));
    CHECK(picky.count("n = 99") == std::to_string(bad.size()));
    CHECK(picky.count("n = 1") == std::to_string(number - std::ssize(bad)));
    const RunRecord record = picky.record(run);
    CHECK(record.state == RunState::done);
    CHECK(record.rows_scanned == number);
    CHECK(record.rows_changed == number - std::ssize(bad));
}

/// Not an Error: nothing that handles the database's refusals may take it for one.
struct Killed : std::exception {
    [[nodiscard]] const char* what() const noexcept override { return "killed"; }
};

/// A worker that dies at the n-th statement of its batches, from the first batch on. False: it came
/// to the end before.
bool dies(const Picky& picky, std::int64_t run, int n)
{
    test::Backfill mortal{.database = picky.database};
    mortal.options.actor.pid = 4'190'000;
    REQUIRE(is_gone(mortal.options.actor)); // such a one is not waited for
    int statements = 0;
    mortal.changes.before_statement = [&](std::string_view purpose, std::string_view sql) {
        const bool is_of_batch =
            purpose.find("control") == std::string_view::npos &&
            (statements > 0 || sql.find("sluice_bound") != std::string_view::npos);
        if (is_of_batch && ++statements >= n) {
            throw Killed();
        }
    };
    try {
        return mortal.run(run, test::increment_work()) != BackfillEnd::done;
    } catch (const Killed&) {
        return true;
    }
}

} // namespace

TEST_CASE("bad rows are set aside wherever they lie, and every other row is changed exactly once")
{
    const Picky picky({});
    const std::vector<std::vector<int>> places{
        {1}, {rows}, {17}, {20, 21, 22}, {1, 10, 11, 39, rows}, from_to(11, 20)};
    for (const std::vector<int>& bad : places) {
        CAPTURE(fmt::format("{}", fmt::join(bad, ", ")));
        fill(picky.database, bad);
        const std::int64_t run = picky.run(std::ssize(bad));
        test::Backfill backfill{.database = picky.database};
        CHECK(backfill.run(run, test::increment_work()) == BackfillEnd::done);
        check_set_aside(picky, run, bad);
        CHECK(backfill.listener.all<Note>().size() == bad.size());
    }
}

TEST_CASE("the bad row is found by halving, and then the batches are as large as before")
{
    const Picky picky({17});
    test::Backfill backfill{.database = picky.database};
    CHECK(backfill.run(picky.run(1), test::increment_work()) == BackfillEnd::done);
    std::vector<std::int64_t> batches;
    for (const BatchDone& batch : backfill.listener.all<BatchDone>()) {
        batches.push_back(batch.batch_rows);
    }
    CHECK(batches == std::vector<std::int64_t>{10, 5, 1, 1, 10, 10, 3});
}

TEST_CASE("without a budget a bad row fails the run, which names the row and what helps")
{
    const Picky picky({17, 18});
    const std::int64_t run = picky.run(0);
    test::Backfill backfill{.database = picky.database};
    const Error error = error_of([&] { (void)backfill.run(run, test::increment_work()); });
    CHECK(error.message.find(R"(row ["51"] of table "users" fails: )") == 0);
    CHECK(error.details.hint.find(fmt::format("`sluice set {} bad_rows=10`", run)) !=
          std::string::npos);
    CHECK(error.details.hint.find(fmt::format("`sluice retry {}`", run)) != std::string::npos);
    CHECK(picky.record(run).state == RunState::failed);
    CHECK(picky.record(run).last_error == error.message);
    CHECK(picky.record(run).rows_changed == 16);
    CHECK(picky.bad_rows(run).empty());
    CHECK(picky.count("n = 1") == "16");
}

TEST_CASE(
    "a budget that is exceeded fails the run with its checkpoint, and a larger one lets it go on")
{
    const Picky picky({5, 17, 18});
    const std::int64_t run = picky.run(2);
    {
        test::Backfill backfill{.database = picky.database};
        const Error error = error_of([&] { (void)backfill.run(run, test::increment_work()); });
        CHECK(error.message.find(R"(row ["54"] of)") == 0);
        CHECK(error.message.find("; 2 rows are set aside already, 2 allowed") != std::string::npos);
        CHECK(error.details.hint.find(fmt::format("`sluice quarantine list {}`", run)) !=
              std::string::npos);
    }
    CHECK(keys_of(picky.bad_rows(run)) == keys_of(std::vector<int>{5, 17}));
    {
        Session session = picky.database.open();
        Runs(session).allow_bad_rows(run, 3);
        Runs(session).retry(run);
    }
    test::Backfill again{.database = picky.database};
    CHECK(again.run(run, test::increment_work()) == BackfillEnd::done);
    check_set_aside(picky, run, {5, 17, 18});
}

TEST_CASE("bad rows with a key of several columns, texts among them, are found as well")
{
    const Picky picky({});
    const std::string text = test::by_engine("text", "varchar(20)", "TEXT");
    picky.database.run("DROP TABLE users; CREATE TABLE users (region " + text +
                       " NOT NULL, id bigint NOT NULL, n integer NOT NULL, CHECK (n < 100), "
                       "PRIMARY KEY (region, id))");
    std::string values;
    for (const std::string region : {"a", "b ''\"quoted\"", "ß [é]"}) {
        for (int n = 1; n <= 9; ++n) {
            values += fmt::format("{}('{}', {}, {})", values.empty() ? "" : ", ", region, n,
                                  n == 9 || (n == 1 && region == "a") ? 99 : 0);
        }
    }
    picky.database.run("INSERT INTO users VALUES " + values);
    BackfillWork work = test::increment_work();
    work.once = false;
    work.needs_work = "n = 0 OR n = 99";
    {
        Session session = picky.database.open();
        const Catalog catalog = read_catalog(session, {work.table});
        work.key = {*catalog.find(work.table)->find("region"),
                    *catalog.find(work.table)->find("id")};
    }
    const std::int64_t run = picky.run(4);
    test::Backfill backfill{.database = picky.database};
    CHECK(backfill.run(run, work) == BackfillEnd::done);
    CHECK(keys_of(picky.bad_rows(run)) == std::vector<std::string>{R"(["a","1"])", R"(["a","9"])",
                                                                   R"(["b '\"quoted\"","9"])",
                                                                   R"(["ß [é]","9"])"});
    CHECK(picky.count("n = 1") == "23");
    CHECK(picky.record(run).pass == 1); // the final check does not count them
}

TEST_CASE("what is copied or deleted is set aside like what is changed")
{
    const Picky picky({8, 30});
    picky.database.run("CREATE TABLE copies (id bigint NOT NULL PRIMARY KEY, n integer NOT NULL, "
                       "CHECK (n < 100))");
    BackfillWork copy = test::increment_work();
    copy.kind = BackfillKind::into;
    copy.set = {{"id", "id"}, {"n", "n + 1"}};
    copy.into = TableName{"", "copies"};
    copy.into_key = {"id"};
    copy.once = false;
    const std::int64_t copying = picky.run(2);
    test::Backfill first{.database = picky.database};
    CHECK(first.run(copying, copy) == BackfillEnd::done);
    CHECK(keys_of(picky.bad_rows(copying)) == keys_of(std::vector<int>{8, 30}));
    CHECK(picky.database.value("SELECT count(*) FROM copies WHERE n = 1") == "38");

    Session session = picky.database.open();
    if (engine() == Engine::postgresql) {
        session.execute("CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE "
                        "EXCEPTION 'it is kept'; END $$");
    }
    session.execute(
        "CREATE TRIGGER keep BEFORE DELETE ON users " +
        test::by_engine("FOR EACH ROW WHEN (OLD.n = 99) EXECUTE FUNCTION keep()",
                        "FOR EACH ROW BEGIN IF OLD.n = 99 THEN SIGNAL SQLSTATE '45000' "
                        "SET MESSAGE_TEXT = 'it is kept'; END IF; END",
                        "WHEN OLD.n = 99 BEGIN SELECT RAISE(ABORT, 'it is kept'); END"));
    BackfillWork removal = test::increment_work();
    removal.kind = BackfillKind::remove;
    removal.set.clear();
    removal.needs_work = "n < 100";
    removal.once = false;
    const std::int64_t removing = picky.run(2);
    test::Backfill second{.database = picky.database};
    CHECK(second.run(removing, removal) == BackfillEnd::done);
    const std::vector<BadRow> kept = picky.bad_rows(removing);
    CHECK(keys_of(kept) == keys_of(std::vector<int>{8, 30}));
    CHECK(kept.at(0).error.find("it is kept") != std::string::npos);
    CHECK(picky.count("1 = 1") == "2");
}

TEST_CASE("what is no row's fault is not blamed on a row")
{
    const Picky picky({});
    const std::int64_t run = picky.run(100);
    test::Backfill backfill{.database = picky.database};
    BackfillWork work = test::increment_work();
    work.set = {{"n", "no_such_column + 1"}};
    CHECK_THROWS_AS((void)backfill.run(run, work), Error);
    CHECK(picky.bad_rows(run).empty());
    CHECK(picky.count("n = 0") == std::to_string(rows));
}

TEST_CASE("workers together set aside every bad row once, and no more than are allowed")
{
    constexpr int many = 600;
    std::vector<int> bad;
    for (int n = 7; n <= many; n += 40) {
        bad.push_back(n);
    }
    const Picky picky(bad, many);
    const std::int64_t run = picky.run(5);
    {
        Session session = picky.database.open();
        Pace pace = picky.record(run).pace;
        pace.workers = 3;
        Runs(session).set_pace(run, pace);
    }
    const Connect connect = [&](SessionOptions asked) {
        return Session(picky.database.url(), std::move(asked));
    };
    SystemClock clock;
    test::Recorder listener;
    const auto work = [&] {
        return run_backfill(connect, clock, listener, {}, run, test::increment_work(),
                            {.actor = current_actor()});
    };
    const Error error = error_of([&] { (void)work(); });
    CHECK(error.message.find("5 rows are set aside already, 5 allowed") != std::string::npos);
    CHECK(picky.bad_rows(run).size() == 5);
    {
        Session session = picky.database.open();
        Runs(session).allow_bad_rows(run, std::ssize(bad));
        Runs(session).retry(run);
    }
    CHECK(work() == BackfillEnd::done);
    std::vector<std::string> found = keys_of(picky.bad_rows(run));
    std::vector<std::string> expected = keys_of(bad);
    std::sort(found.begin(), found.end());
    std::sort(expected.begin(), expected.end());
    CHECK(found == expected);
    CHECK(picky.count("n = 1") == std::to_string(many - std::ssize(bad)));
    CHECK(picky.record(run).rows_scanned == many);
}

TEST_CASE("whoever counts against a budget waits for the one who is doing so")
{
    const Picky picky({});
    const std::int64_t run = picky.run(1);
    Session one = picky.database.open();
    Session other = picky.database.open({.lock_timeout = std::chrono::milliseconds{20}});
    Transaction first(one);
    CHECK(BadRows(one).lock_budget(run).open == 0);
    BadRows(one).add(run, R"(["3"])", "check violated");
    CHECK(error_of([&] {
              Transaction second(other);
              (void)BadRows(other).lock_budget(run);
          }).details.cause == Cause::lock_timeout);
    first.commit();
    Transaction second(other);
    const BadRowBudget budget = BadRows(other).lock_budget(run);
    CHECK(budget.open == 1);
    CHECK(budget.allowed == 1);
}

// By default every fifth statement, from a random one; SLUICE_TEST_LONG=1 takes every one.
TEST_CASE("a worker that dies at any statement leaves no bad row recorded twice or gone past")
{
    const Picky picky({});
    const int stride = std::getenv("SLUICE_TEST_LONG") != nullptr ? 1 : 5;
    const int first = 1 + static_cast<int>(std::random_device{}() % static_cast<unsigned>(stride));
    MESSAGE("every ", stride, " statements, from ", first);
    bool has_died = true;
    for (int dies_at = first; has_died; dies_at += stride) {
        CAPTURE(dies_at);
        fill(picky.database, {2}, 3);
        const std::int64_t run = picky.run(1, 2);
        has_died = dies(picky, run, dies_at);
        test::Backfill next{.database = picky.database};
        CHECK(next.run(run, test::increment_work()) == BackfillEnd::done);
        check_set_aside(picky, run, {2}, 3);
        REQUIRE(dies_at < 200);
    }
}

TEST_CASE("a later pass tries a bad row again, and counts it against the budget only once")
{
    const Picky picky({2, 20});
    const std::int64_t run = picky.run(2);
    BackfillWork work = test::increment_work();
    work.once = false;
    work.needs_work = "n = 0 OR n = 99";
    test::Backfill backfill{.database = picky.database};
    bool has_written = false;
    backfill.listener.on_event = [&](const Event& event) {
        const auto* batch = std::get_if<BatchDone>(&event);
        if (batch != nullptr && batch->rows_scanned == 30 && !has_written) {
            has_written = true;
            Session session = picky.database.open();
            CHECK(
                BadRows(session).resolve(BadRows(session).list(run).at(0).id, Resolution::waived));
            session.execute("INSERT INTO users VALUES (1, 0)"); // behind the cursor
        }
    };
    CHECK(backfill.run(run, work) == BackfillEnd::done);
    CHECK(has_written);
    CHECK(picky.record(run).pass == 2);
    const std::vector<BadRow> found = picky.bad_rows(run);
    CHECK(keys_of(found) == keys_of(std::vector<int>{2, 20}));
    CHECK(found.at(0).resolution == Resolution::waived);
    CHECK(found.at(0).tries == 1);
    CHECK(found.at(1).resolution == Resolution::open);
    CHECK(found.at(1).tries == 2);
    CHECK(picky.count("n = 1") == "39");
}

TEST_CASE("the final check counts every row in need but those that were set aside")
{
    const Picky picky({});
    Session session = picky.database.open();
    BackfillWork work = test::increment_work();
    work.needs_work = "n = 0";
    std::vector<std::string> set_aside = keys_of(from_to(1, 38));
    const Remaining two = count_remaining(session, work, {}, {.set_aside = set_aside});
    CHECK(two.rows == 2);
    CHECK(two.examples == keys_of(std::vector<int>{39, 40}));
    set_aside = keys_of(std::vector<int>{1});
    const Remaining many = count_remaining(session, work, {}, {.set_aside = set_aside});
    CHECK(many.rows == 39);
    CHECK(many.examples.size() == 20);
}

TEST_CASE("rows that were set aside keep contract shut until each is retried or waived")
{
    test::Project project;
    const Migration& migration = project.add("1_small", R"toml(
[[expand]]
sql = "ALTER TABLE people ADD COLUMN small integer CHECK (small < 24)"
undo = "ALTER TABLE people DROP COLUMN small"
[[backfill]]
table = "people"
set = { small = "age" }
where = "small IS NULL"
[[verify]]
table = "people"
expect = "small = age"
[[contract]]
sql = "ALTER TABLE people DROP COLUMN age"
undo = false
)toml");
    const Error failure = error_of([&] { (void)project.runner().apply(); });
    CHECK(failure.message.find(R"(row ["24"] of table)") != std::string::npos);
    CHECK(failure.details.hint.find("`sluice set 1 bad_rows=10`") != std::string::npos);
    Session session = project.database.open();
    const RunRecord run = Runs(session).all().at(0);
    Runs(session).allow_bad_rows(run.id, 2);
    CHECK(project.runner().apply() == RunEnd::done); // verified, but for these
    CHECK(project.state() == State::migrated);
    CHECK(project.runner().verify(migration).at(0).set_aside == 2);

    const Error shut = error_of([&] { (void)project.runner().contract(migration); });
    CHECK(shut.kind == ErrorKind::refused);
    std::vector<BadRow> bad = BadRows(session).list(run.id);
    REQUIRE(keys_of(bad) == std::vector<std::string>{R"(["24"])", R"(["25"])"});
    CHECK(BadRows(session).resolve(bad[0].id, Resolution::waived));
    CHECK_FALSE(check_gate(session, migration).is_open());
    project.database.run("UPDATE people SET age = 3, small = 3 WHERE id = 25");
    CHECK(BadRows(session).resolve(bad[1].id, Resolution::retried));
    CHECK(check_gate(session, migration).is_open());
    CHECK(project.runner().contract(migration) == RunEnd::done);
    CHECK(project.database.value("SELECT count(*) FROM people WHERE small IS NULL") == "1");
}
