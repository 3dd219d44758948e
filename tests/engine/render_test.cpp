#include "sluice/core/error.h"
#include "sluice/db/transaction.h"
#include "support/database.h"
#include "support/rendered.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <utility>

using namespace sluice;
using sluice::test::by_engine;
using sluice::test::engine;

namespace {

/// users.user_name, NOT NULL and indexed, becomes users.username: all groups of that change.
class Renaming {
public:
    explicit Renaming(const std::string& unique = "") : session_(database_.open())
    {
        if (engine() == Engine::postgresql) {
            run("CREATE SCHEMA sluice");
        }
        run("CREATE TABLE users (id int PRIMARY KEY, user_name varchar(50) NOT NULL, other int)");
        run("CREATE " + unique + " INDEX users_name ON users (user_name)");
        run("INSERT INTO users VALUES (1, 'ann', 0), (2, 'Bob', 0)");
        users.name.name = "users";
        users.primary_key = {"id"};
        users.columns = {test::column(dialect(), "id", "int"),
                         test::column(dialect(), "user_name", "varchar(50)"),
                         test::column(dialect(), "other", "int")};
        users.columns[1].nullable = false;
        old_index.name = "users_name";
        old_index.unique = !unique.empty();
        old_index.parts = {{.column = "user_name"}};
        users.indexes = {old_index};
        before_ = schema();
        catalog_before_ = catalog();
    }

    Table catalog() { return read_catalog(session_, {users.name}).tables.at(0); }

    /// The catalog reads as it did at first: types, defaults and collations to the letter.
    bool reads_as_before()
    {
        const Table now = catalog();
        return now.columns == catalog_before_.columns && now.checks == catalog_before_.checks &&
               now.triggers == catalog_before_.triggers &&
               now.indexes.size() == catalog_before_.indexes.size();
    }

    void expand()
    {
        Column twin = users.columns[1];
        twin.name = "username";
        twin.nullable = true;
        step({AddColumn{users.name, twin}});
        users.columns.push_back(twin);
        const RequiredColumn needed = dialect().capabilities().required_column;
        if (needed == RequiredColumn::needs_default) {
            step({SetDefault{users.name, users.columns[1], std::nullopt, "''"}});
            users.columns[1].default_sql = "''";
        } else if (needed == RequiredColumn::must_be_nullable) {
            step({SetNullability{users.name, users.columns[1], Nullability::nullable}});
            users.columns[1].nullable = true;
        }
        step({CreateSync{both()}});
    }

    void migrate()
    {
        run("UPDATE users SET username = user_name WHERE username IS NULL");
        Index twin = old_index;
        twin.name = "sluice_idx_username";
        twin.parts = {{.column = "username"}};
        step({CreateIndex{users.name, twin}});
        users.indexes.push_back(twin);
    }

    [[nodiscard]] std::vector<Alteration> contract_group() const
    {
        Column kept = users.columns[1];
        kept.name = "sluice_kept_user_name";
        std::vector<Alteration> group;
        group.emplace_back(SetNullability{users.name, users.columns[3], Nullability::not_null});
        if (!kept.nullable) {
            group.emplace_back(SetNullability{users.name, users.columns[1], Nullability::nullable});
        }
        group.emplace_back(RenameColumn{users.name, "user_name", kept.name});
        group.emplace_back(SetDefault{users.name, users.columns[3], std::nullopt, "'nobody'"});
        group.emplace_back(RenameIndex{users.name, "users_name", "sluice_kept_users_name"});
        group.emplace_back(RenameIndex{users.name, "sluice_idx_username", "users_name"});
        group.emplace_back(ReplaceSync{both(), reverse()});
        return group;
    }

    void contract() { step(contract_group()); }

    void undo_last()
    {
        test::undo(session_, done_.back());
        done_.pop_back();
    }

    void undo_all()
    {
        while (!done_.empty()) {
            undo_last();
        }
    }

    [[nodiscard]] Sync both() const
    {
        Sync sync;
        sync.name = "20261121_1";
        sync.table = users.name;
        sync.key = {"id"};
        sync.row = users.columns;
        sync.olds = {{.name = "user_name",
                      .value = {"username", "", true},
                      .is_required = dialect().capabilities().required_column ==
                                     RequiredColumn::must_be_nullable}};
        sync.news = {{.name = "username", .value = {"user_name", "", true}}};
        return sync;
    }

    [[nodiscard]] Sync reverse() const
    {
        Sync sync = both();
        sync.direction = SyncDirection::reverse;
        sync.row[1].name = sync.olds[0].name = "sluice_kept_user_name";
        sync.news[0].value = {};
        return sync;
    }

    /// What the engine itself says of the table, without the order of its columns.
    std::string schema()
    {
        const Rows rows = session_.query(by_engine(
            "SELECT string_agg(t, '; ') FROM (SELECT column_name || ' ' || data_type || ' ' || "
            "is_nullable || ' ' || coalesce(column_default, '-') FROM information_schema.columns "
            "WHERE table_name = 'users' UNION ALL SELECT indexdef FROM pg_indexes WHERE tablename "
            "= "
            "'users' UNION ALL SELECT tgname FROM pg_trigger WHERE NOT tgisinternal UNION ALL "
            "SELECT "
            "conname FROM pg_constraint WHERE conrelid = 'users'::regclass ORDER BY 1) AS s(t)",
            "SELECT GROUP_CONCAT(t ORDER BY t SEPARATOR '; ') FROM (SELECT CONCAT_WS(' ', "
            "column_name, column_type, is_nullable, collation_name, column_default) AS t FROM "
            "information_schema.columns WHERE table_schema = DATABASE() UNION ALL SELECT "
            "CONCAT_WS(' "
            "', index_name, non_unique, column_name) FROM information_schema.statistics WHERE "
            "table_schema = DATABASE() UNION ALL SELECT trigger_name FROM "
            "information_schema.triggers WHERE trigger_schema = DATABASE()) s",
            "SELECT group_concat(t, '; ') FROM (SELECT name || ' ' || type || ' ' || \"notnull\" "
            "|| "
            "' ' || coalesce(dflt_value, '-') AS t FROM pragma_table_info('users') UNION ALL "
            "SELECT "
            "sql FROM sqlite_schema WHERE type <> 'table' AND sql IS NOT NULL ORDER BY 1)"));
        std::string text = rows[0][0].value_or("");
        std::erase(text, '"'); // SQLite puts names that it rewrites into quotes
        return text;
    }

    [[nodiscard]] const std::string& schema_before() const { return before_; }

    void step(const std::vector<Alteration>& group)
    {
        std::vector<Rendered> actions = dialect().render(group, users);
        done_.push_back(actions);
        test::apply(session_, actions);
    }

    void run(const std::string& sql) { session_.execute(sql); }

    std::string value(const std::string& query) { return database_.value(query); }

    [[nodiscard]] const Dialect& dialect() const { return session_.dialect(); }

    Session& session() { return session_; }

    test::TestDatabase& database() { return database_; }

    Table users;
    Index old_index;

private:
    test::TestDatabase database_;
    Session session_;
    std::vector<std::vector<Rendered>> done_;
    std::string before_;
    Table catalog_before_;
};

const char* const kept_of = "SELECT sluice_kept_user_name FROM users WHERE id = ";

} // namespace

TEST_CASE("a rename goes through all its groups while both applications write, and back")
{
    Renaming t;
    t.expand();
    t.run("INSERT INTO users (id, user_name) VALUES (3, 'old')");
    t.run("INSERT INTO users (id, username) VALUES (4, 'new')");
    t.migrate();
    t.contract();
    t.run("INSERT INTO users (id, username) VALUES (5, 'newest')");
    t.run("UPDATE users SET username = 'changed' WHERE id = 3");
    CHECK(t.value(kept_of + std::string("5")) == "newest");
    CHECK(t.value(kept_of + std::string("3")) == "changed");
    CHECK_THROWS_AS(t.run("INSERT INTO users (id, username) VALUES (6, NULL)"), Error);
    t.run("INSERT INTO users (id) VALUES (7)");
    CHECK(t.value("SELECT username FROM users WHERE id = 7") == "nobody");

    t.undo_last();
    t.run("INSERT INTO users (id, user_name) VALUES (8, 'old again')");
    CHECK(t.value("SELECT username FROM users WHERE id = 8") == "old again");
    CHECK(t.value("SELECT user_name FROM users WHERE id = 5") == "newest");

    t.undo_all();
    CHECK(t.schema() == t.schema_before());
    CHECK(t.reads_as_before());
    CHECK(t.value("SELECT count(*) FROM users WHERE user_name IS NOT NULL") == "7");
    CHECK_THROWS_AS(t.run("INSERT INTO users (id) VALUES (9)"), Error);
}

TEST_CASE("contract, its undo and contract again end where one contract ends")
{
    Renaming t;
    t.expand();
    t.migrate();
    t.contract();
    const std::string contracted = t.schema();
    t.undo_last();
    t.contract();
    CHECK(t.schema() == contracted);
    t.undo_all();
    CHECK(t.schema() == t.schema_before());
    CHECK(t.reads_as_before());
}

TEST_CASE("a NULL among the new values stops contract before anything shows")
{
    Renaming t;
    t.expand();
    t.migrate();
    const std::string name = by_engine("zzz_sluice_20261121_1 ON users", "sluice_20261121_1_upd",
                                       "sluice_20261121_1_upd_null");
    t.run("DROP TRIGGER " + name);
    if (engine() == Engine::sqlite) {
        t.run("DROP TRIGGER sluice_20261121_1_upd");
    }
    t.run("UPDATE users SET username = NULL WHERE id = 2");
    CHECK_THROWS_AS(t.contract(), Error);
    CHECK(t.value("SELECT count(user_name) FROM users") == "2");
    if (engine() == Engine::sqlite) {
        try {
            t.contract();
        } catch (const Error& error) {
            CHECK(error.message.find("its key: 2") != std::string::npos);
        }
    }
}

TEST_CASE("a NULL among the kept values stops the undo of contract before anything shows")
{
    if (engine() == Engine::sqlite) {
        return; // the kept column was nullable before contract already
    }
    Renaming t;
    t.expand();
    t.migrate();
    t.contract();
    const std::string contracted = t.schema();
    t.run("UPDATE users SET sluice_kept_user_name = NULL WHERE id = 2");
    CHECK_THROWS_AS(t.undo_last(), Error);
    CHECK(t.schema() == contracted);
    t.run("UPDATE users SET username = 'Bob' WHERE id = 2");
    t.run("UPDATE users SET sluice_kept_user_name = username WHERE id = 2");
}

TEST_CASE("a swap that died after any of its steps is completed by running them again")
{
    for (std::size_t survived = 0;; ++survived) {
        CAPTURE(survived);
        Renaming t;
        t.expand();
        t.migrate();
        const std::string expanded = t.schema();
        std::vector<Rendered> actions = t.dialect().render(t.contract_group(), t.users);
        std::size_t steps = 0;
        for (Rendered& action : actions) {
            steps += action.steps.size();
        }
        if (survived > steps || (engine() != Engine::mysql && survived > 0)) {
            break; // elsewhere the swap is one transaction
        }
        std::vector<Rendered> first = actions;
        std::vector<Rendered> rest = actions; // an action that was done is not run again
        std::size_t left = survived;
        for (Rendered& action : first) {
            const std::size_t taken = std::min(left, action.steps.size());
            left -= taken;
            if (taken == action.steps.size() && left > 0) {
                rest.erase(rest.begin());
            }
            action.steps.resize(taken);
        }
        {
            Session dying = t.database().open();
            test::apply(dying, first);
        }
        test::apply(t.session(), rest);
        t.run("INSERT INTO users (id, username) VALUES (9, 'late')");
        CHECK(t.value(kept_of + std::string("9")) == "late");
        test::undo(t.session(), actions);
        CHECK(t.schema() == expanded);
    }
}

TEST_CASE("an application that writes the new column meets no error through contract and back")
{
    Renaming t;
    t.expand();
    t.migrate();
    std::atomic<bool> stop{false};
    std::atomic<int> written{0};
    std::string trouble;
    std::thread writer([&] {
        Session session = t.database().open();
        session.execute(by_engine("SET lock_timeout = 0", "SET SESSION lock_wait_timeout = 60",
                                  "PRAGMA busy_timeout = 60000"));
        for (int n = 100; !stop; ++n) {
            try {
                session.execute("INSERT INTO users (id, username) VALUES (" + std::to_string(n) +
                                ", 'w" + std::to_string(n) + "')");
                session.execute("UPDATE users SET username = 'u" + std::to_string(n) +
                                "' WHERE id = " + std::to_string(n));
                ++written;
            } catch (const Error& error) {
                trouble = error.message;
                return;
            }
        }
    });
    const auto wait_for_writes = [&written, &trouble] {
        for (const int goal = written + 20; written < goal && trouble.empty();) {
            std::this_thread::yield();
        }
    };
    std::string failed;
    try {
        wait_for_writes();
        t.contract();
        wait_for_writes();
        t.undo_last();
        wait_for_writes();
    } catch (const Error& error) {
        failed = error.message;
    }
    stop = true;
    writer.join();
    CHECK(failed.empty());
    CHECK_MESSAGE(trouble.empty(), trouble);
    CHECK(t.value("SELECT count(*) FROM users WHERE user_name <> username OR user_name IS NULL") ==
          "0");
    CHECK(t.value("SELECT count(*) FROM users WHERE id >= 100") == std::to_string(written));
}

TEST_CASE("a unique index that is dropped with the old column comes back with it")
{
    Renaming t("UNIQUE");
    t.expand();
    t.migrate();
    std::vector<Alteration> group = t.contract_group();
    Index kept = t.old_index;
    kept.name = "sluice_kept_users_name";
    kept.parts = {{.column = "sluice_kept_user_name"}};
    group.insert(group.end() - 1, DropIndex{t.users.name, kept});
    t.step(group);
    CHECK_THROWS_AS(t.run("INSERT INTO users (id, username) VALUES (3, 'ann')"), Error);
    t.run("UPDATE users SET sluice_kept_user_name = 'same'");
    t.run("UPDATE users SET sluice_kept_user_name = username");
    t.undo_last();
    CHECK_THROWS_AS(t.run("INSERT INTO users (id, user_name) VALUES (3, 'ann')"), Error);
    t.undo_all();
    CHECK(t.schema() == t.schema_before());
    CHECK(t.reads_as_before());
}

TEST_CASE("NOT NULL and a default on a column that a trigger filled, and back")
{
    Renaming t;
    Column added = test::column(t.dialect(), "shown", "varchar(60)");
    t.step({AddColumn{t.users.name, added}});
    t.users.columns.push_back(added);
    Sync sync = t.both();
    sync.direction = SyncDirection::forward;
    sync.olds.clear();
    sync.news = {{.name = "shown", .value = {"lower(user_name)", "", true}}};
    t.step({CreateSync{sync}});
    t.run("UPDATE users SET shown = lower(user_name) WHERE shown IS NULL");
    const std::string expanded = t.schema();
    t.step({SetNullability{t.users.name, added, Nullability::not_null},
            SetDefault{t.users.name, added, std::nullopt, "'none'"}, DropSync{sync}});
    t.run("INSERT INTO users (id, user_name) VALUES (3, 'x')");
    CHECK(t.value("SELECT shown FROM users WHERE id = 3") == "none");
    CHECK_THROWS_AS(t.run("UPDATE users SET shown = NULL"), Error);
    t.undo_last();
    CHECK(t.schema() == expanded);
    t.run("INSERT INTO users (id, user_name) VALUES (4, 'X')");
    CHECK(t.value("SELECT shown FROM users WHERE id = 4") == "x");
    t.undo_all();
    CHECK(t.schema() == t.schema_before());
    CHECK(t.reads_as_before());
}

TEST_CASE("a column changes its type under its own name, keeps what was there, and goes back")
{
    Renaming t;
    t.run("ALTER TABLE users ADD COLUMN size " + by_engine("int", "int", "INTEGER"));
    t.run("UPDATE users SET size = id * 10");
    const std::string before = t.schema();
    const Dialect& dialect = t.dialect();
    const Column size = test::column(dialect, "size", by_engine("int", "int", "INTEGER"));
    const Column twin =
        test::column(dialect, "sluice_new_size", by_engine("bigint", "bigint", "BIGINT"));
    t.users.columns.push_back(size);
    t.step({AddColumn{t.users.name, twin}});
    t.users.columns.push_back(twin);

    Sync both = t.both();
    both.row = t.users.columns;
    both.olds = {{.name = "size",
                  .value = {by_engine("size::int", "CAST(size AS SIGNED)", "CAST(size AS INTEGER)"),
                            "size BETWEEN -2147483648 AND 2147483647", true}}};
    both.news = {
        {.name = "sluice_new_size",
         .value = {by_engine("size::bigint", "CAST(size AS SIGNED)", "CAST(size AS INTEGER)"), "",
                   true}}};
    both.down_sees = "size";
    t.step({CreateSync{both}});
    t.run("UPDATE users SET sluice_new_size = size WHERE sluice_new_size IS NULL");
    t.run("UPDATE users SET size = 11 WHERE id = 1");
    CHECK(t.value("SELECT sluice_new_size FROM users WHERE id = 1") == "11");

    Sync reverse = both;
    reverse.direction = SyncDirection::reverse;
    reverse.olds[0].name = "sluice_kept_size";
    reverse.news = {{.name = "size", .value = {}}};
    reverse.down_sees.clear();
    reverse.row[3].name = "sluice_kept_size";
    reverse.row[4].name = "size";
    t.step({RenameColumn{t.users.name, "size", "sluice_kept_size"},
            RenameColumn{t.users.name, "sluice_new_size", "size"}, ReplaceSync{both, reverse}});
    t.run("INSERT INTO users (id, user_name, size) VALUES (3, 'c', 30)");
    CHECK(t.value("SELECT sluice_kept_size FROM users WHERE id = 3") == "30");
    t.run("UPDATE users SET size = 3000000000 WHERE id = 3");
    CHECK(t.value("SELECT sluice_kept_size FROM users WHERE id = 3") == "NULL");
    CHECK(t.value("SELECT size FROM users WHERE id = 3") == "3000000000");

    t.undo_last();
    t.run("UPDATE users SET size = 12 WHERE id = 1");
    CHECK(t.value("SELECT sluice_new_size FROM users WHERE id = 1") == "12");
    CHECK(t.value("SELECT sluice_new_size FROM users WHERE id = 3") == "3000000000");
    t.undo_all();
    CHECK(t.schema() == before);
    CHECK(t.value("SELECT size FROM users WHERE id = 2") == "20");
}

TEST_CASE("a column is dropped together with its index")
{
    Renaming t;
    t.step({DropColumn{t.users.name, t.users.columns[1]}});
    CHECK(t.schema().find("user_name") == std::string::npos);
    CHECK(t.schema().find("users_name") == std::string::npos);
}

TEST_CASE("PostgreSQL: what a broken concurrent build left is removed before the next try")
{
    if (engine() != Engine::postgresql) {
        return;
    }
    Renaming t;
    t.run("INSERT INTO users VALUES (3, 'ann', 0)");
    Index index;
    index.name = "users_unique";
    index.unique = true;
    index.parts = {{.column = "user_name"}};
    const std::vector<Alteration> group = {CreateIndex{t.users.name, index}};
    CHECK_THROWS_AS(test::carry_out(t.session(), group, t.users), Error);
    CHECK(t.value("SELECT indisvalid FROM pg_index WHERE indexrelid = 'users_unique'::regclass") ==
          "f");
    t.run("DELETE FROM users WHERE id = 3");
    const std::vector<Rendered> made = test::carry_out(t.session(), group, t.users);
    CHECK(t.value("SELECT indisvalid FROM pg_index WHERE indexrelid = 'users_unique'::regclass") ==
          "t");
    const std::string oid = t.value("SELECT 'users_unique'::regclass::oid");
    test::apply(t.session(), made);
    CHECK(t.value("SELECT 'users_unique'::regclass::oid") == oid);
    test::undo(t.session(), made);
    CHECK(t.schema() == t.schema_before());
    CHECK(t.reads_as_before());
}

TEST_CASE("PostgreSQL: a UNIQUE constraint's twin is a constraint too")
{
    if (engine() != Engine::postgresql) {
        return;
    }
    Renaming t;
    Index index;
    index.name = "users_other_key";
    index.unique = index.is_constraint = true;
    index.parts = {{.column = "user_name"}};
    t.step({CreateIndex{t.users.name, index}});
    CHECK(t.value("SELECT contype FROM pg_constraint WHERE conname = 'users_other_key'") == "u");
    t.step({RenameIndex{t.users.name, "users_other_key", "users_key", true}});
    CHECK(t.value("SELECT contype FROM pg_constraint WHERE conname = 'users_key'") == "u");
    t.undo_all();
    CHECK(t.schema() == t.schema_before());
    CHECK(t.reads_as_before());
}

TEST_CASE("SQLite: a default that comes or goes changes no row that is there")
{
    if (engine() != Engine::sqlite) {
        return;
    }
    Renaming t;
    t.run("ALTER TABLE users ADD COLUMN late varchar(9) DEFAULT 'early'");
    t.run("ALTER TABLE users ADD COLUMN later varchar(9)");
    Column late = test::column(t.dialect(), "late", "varchar(9)");
    Column later = test::column(t.dialect(), "later", "varchar(9)");
    t.step({SetDefault{t.users.name, late, "'early'", std::nullopt},
            SetDefault{t.users.name, later, std::nullopt, "'x'"}});
    CHECK(t.value("SELECT count(*) FROM users WHERE late = 'early' AND later IS NULL") == "2");
    t.run("INSERT INTO users (id, user_name) VALUES (3, 'c')");
    CHECK(t.value("SELECT count(*) FROM users WHERE late IS NULL AND later = 'x'") == "1");
    t.undo_last();
    CHECK(t.value("SELECT count(*) FROM users WHERE late = 'early' AND later IS NULL") == "2");
    CHECK(t.value("SELECT count(*) FROM users WHERE late IS NULL AND later = 'x'") == "1");
}

TEST_CASE("SQLite: a group that fails after any of its steps leaves the schema as it was")
{
    if (engine() != Engine::sqlite) {
        return;
    }
    Renaming t;
    t.expand();
    t.migrate();
    const std::string before = t.schema();
    const std::vector<Rendered> actions = t.dialect().render(t.contract_group(), t.users);
    REQUIRE(actions.size() == 1);
    for (std::size_t survived = 0; survived <= actions[0].steps.size(); ++survived) {
        CAPTURE(survived);
        {
            Transaction transaction(t.session());
            for (std::size_t n = 0; n < survived; ++n) {
                t.run(actions[0].steps[n].sql);
            }
        }
        CHECK(t.schema() == before);
        CHECK_THROWS_AS(t.run("INSERT INTO users (id) VALUES (3)"), Error);
        CHECK_THROWS_AS(t.run("UPDATE sqlite_schema SET sql = sql"), Error);
    }
    CHECK(t.session().query("PRAGMA integrity_check")[0][0] == "ok");
    t.contract();
    t.undo_all();
    CHECK(t.schema() == t.schema_before());
    CHECK(t.reads_as_before());
}

TEST_CASE("SQLite: other connections see an edited schema at once, and the file is sound")
{
    if (engine() != Engine::sqlite) {
        return;
    }
    Renaming t;
    Session other = t.database().open();
    other.execute("INSERT INTO users VALUES (3, 'c', 0)");
    CHECK_THROWS_AS(other.execute("INSERT INTO users VALUES (4, NULL, 0)"), Error);
    t.step({SetNullability{t.users.name, t.users.columns[1], Nullability::nullable},
            RenameIndex{t.users.name, "users_name", "renamed"}});
    other.execute("INSERT INTO users VALUES (4, NULL, 0)");
    CHECK(other.query("PRAGMA integrity_check")[0][0] == "ok");
    CHECK(other.query("EXPLAIN QUERY PLAN SELECT id FROM users WHERE user_name = 'c'")[0][3]
              .value_or("")
              .find("renamed") != std::string::npos);
    CHECK_THROWS_AS(t.undo_last(), Error);
    other.execute("INSERT INTO users VALUES (5, NULL, 0)");
    other.execute("DELETE FROM users WHERE user_name IS NULL");
}
