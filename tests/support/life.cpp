#include "support/life.h"

#include "sluice/core/error.h"
#include "sluice/db/catalog.h"
#include "sluice/migration/reader.h"
#include "support/project.h"

#include <doctest/doctest.h>

namespace sluice::test {

namespace {

const char* const at_once = "\n[pace]\nbatch_rows = 3\nbatch_max = 3\nsleep = \"0ms\"\nduty = 1\n";

const TestDatabase& prepared(const TestDatabase& database, const std::string& setup)
{
    database.run(setup);
    return database;
}

void check_forward(Life& life, const Story& story, const std::string& rows)
{
    life.expand();
    CHECK(life.rows(story.before) == rows);
    life.migrate();
    CHECK(life.rows(story.before) == rows);
}

} // namespace

std::string table(const std::string& columns)
{
    return "CREATE TABLE t (id " + by_engine("bigint", "bigint", "INTEGER") + " PRIMARY KEY, " +
           columns + ");";
}

std::string change(const std::string& kind, const std::string& rest)
{
    return "[[change]]\nkind = \"" + kind + "\"\ntable = \"t\"\n" + rest + "\n";
}

Life::Life(const std::string& setup, const std::string& migration)
    : migrations_{parse_migration(migration + at_once, "migrations/1_life.toml")}
{
    prepared(database, setup);
}

Runner Life::runner()
{
    return {database.connect(), clock_,      listener,
            std::stop_token{},  migrations_, {.actor = current_actor()}};
}

void Life::expand()
{
    CHECK(runner().expand(migration()) == RunEnd::done);
}

void Life::migrate()
{
    CHECK(runner().migrate(migration()) == RunEnd::done);
}

void Life::contract()
{
    CHECK(runner().contract(migration()) == RunEnd::done);
}

void Life::rollback()
{
    CHECK(runner().rollback(migration()) == RunEnd::done);
}

void Life::purge()
{
    CHECK(runner().purge(migration()) == RunEnd::done);
}

State Life::state() const
{
    Session session = database.open();
    return read_status(session, migrations_).at(0).state;
}

std::string Life::rows(const std::string& query) const
{
    std::string text;
    for (const Row& row : database.open().query(query).rows) {
        for (const Value& value : row) {
            text += value.value_or("NULL") + "|";
        }
        text += "\n";
    }
    return text;
}

std::vector<Table> Life::tables() const
{
    Session session = database.open();
    return read_catalog(session).tables;
}

void check_same_tables(const std::vector<Table>& expected, const std::vector<Table>& found)
{
    REQUIRE(expected.size() == found.size());
    for (std::size_t n = 0; n < expected.size(); ++n) {
        for (const std::string& difference : differences(expected[n], found[n])) {
            FAIL_CHECK(display(expected[n].name) << ": " << difference);
        }
    }
}

void check_nothing_left(const std::vector<Table>& tables)
{
    const auto check_name = [](const std::string& name) {
        CHECK(name.find("sluice_") == std::string::npos);
    };
    for (const Table& table : tables) {
        for (const Column& column : table.columns) {
            check_name(column.name);
        }
        for (const Index& index : table.indexes) {
            check_name(index.name);
        }
        for (const Check& check : table.checks) {
            check_name(check.name);
        }
        for (const ForeignKey& key : table.foreign_keys) {
            check_name(key.name);
        }
        for (const Trigger& trigger : table.triggers) {
            check_name(trigger.name);
        }
    }
}

void run_held(const Life& life, const std::string& sql)
{
    life.database.run(by_engine("", "", "PRAGMA foreign_keys = ON;") + sql);
}

std::string refusal(const std::string& setup, const std::string& migration)
{
    Life life(setup, migration);
    const Error error = error_of([&] { (void)life.runner().expand(life.migration()); });
    CHECK(error.kind == ErrorKind::refused);
    return error.message + " | " + error.details.hint;
}

void check_mentions(const std::string& text, const std::vector<std::string>& parts)
{
    for (const std::string& part : parts) {
        CAPTURE(text);
        CAPTURE(part);
        CHECK(text.find(part) != std::string::npos);
    }
}

void live_through(const Story& story)
{
    Life life(story.setup, story.migration);
    const std::vector<Table> tables = life.tables();
    const std::string rows = life.rows(story.before);
    const std::string rows_after = story.rows_after.empty() ? rows : story.rows_after;
    check_forward(life, story, rows);
    life.rollback();
    CHECK(life.state() == State::pending);
    check_same_tables(tables, life.tables());
    CHECK(life.rows(story.before) == rows);

    check_forward(life, story, rows);
    const std::vector<Table> migrated = life.tables();
    life.contract();
    const std::vector<Table> contracted = life.tables();
    CHECK(life.rows(story.after) == rows_after);
    life.rollback();
    CHECK(life.state() == State::migrated);
    check_same_tables(migrated, life.tables());
    CHECK(life.rows(story.before) == rows);
    life.contract();
    check_same_tables(contracted, life.tables());
    life.purge();
    CHECK(life.rows(story.after) == rows_after);
    check_nothing_left(life.tables());
}

} // namespace sluice::test
