#include "sluice/core/error.h"
#include "sluice/migration/reader.h"
#include "sluice/plan/keys.h"
#include "sluice/plan/names.h"
#include "sluice/plan/planner.h"
#include "sluice/plan/simulate.h"
#include "support/sample_catalog.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace sluice;

namespace {

Plan planned(const std::string& toml, const std::string& engine = "postgresql",
             const Catalog* catalog = nullptr)
{
    const auto dialect = test::dialect_of(engine);
    return make_plan(parse_migration(toml, "7_sample.toml"),
                     catalog != nullptr ? *catalog : test::sample_catalog(*dialect), *dialect);
}

const BackfillWork& first_backfill(const Plan& plan)
{
    for (const Action& action : plan.actions) {
        if (const auto* work = std::get_if<BackfillWork>(&action.work)) {
            return *work;
        }
    }
    throw std::logic_error("the plan has no backfill");
}

bool notes_mention(const Plan& plan, const std::string& text)
{
    return std::any_of(plan.notes.begin(), plan.notes.end(), [&](const std::string& note) {
        return note.find(text) != std::string::npos;
    });
}

const std::string two_changes = "[[change]]\nkind = \"change_column\"\ntable = \"customers\"\n"
                                "column = \"city\"\nnullable = false\n"
                                "[[change]]\nkind = \"rename_column\"\ntable = \"customers\"\n"
                                "from = \"user_name\"\nto = \"username\"\n";

} // namespace

TEST_CASE("phases ascend, ordinals count, and every action names its tables")
{
    for (const std::string& engine : test::all_engines()) {
        const Plan plan = planned(two_changes, engine);
        int ordinal = 0;
        Phase phase = Phase::expand;
        for (const Action& action : plan.actions) {
            CHECK(action.ordinal == ++ordinal);
            CHECK(action.phase >= phase);
            CHECK_FALSE(action.tables.empty());
            phase = action.phase;
        }
        CHECK(phase == Phase::purge);
    }
}

TEST_CASE("what contract may fail at comes before what shows, over all changes")
{
    for (const std::string& engine : test::all_engines()) {
        bool shown = false;
        for (const Action& action : planned(two_changes, engine).actions) {
            if (action.phase != Phase::contract) {
                continue;
            }
            const auto& work = std::get<SchemaWork>(action.work);
            const bool renames =
                std::any_of(work.steps.begin(), work.steps.end(), [](const Step& step) {
                    return step.sql.find("RENAME COLUMN") != std::string::npos;
                });
            CHECK_FALSE((shown && action.summary.rfind("make column", 0) == 0));
            shown = shown || renames;
        }
        CHECK(shown);
    }
}

TEST_CASE("nothing in a purge has a way back, all else in a rename has")
{
    for (const Action& action : planned(two_changes).actions) {
        CHECK(action.irreversible == (action.phase == Phase::purge));
        CHECK_FALSE((action.irreversible && action.undo.has_value()));
    }
}

TEST_CASE("a backfill sets a column that the server would touch on update to itself")
{
    const auto dialect = test::dialect_of("mysql");
    Catalog catalog = test::sample_catalog(*dialect);
    test::customers(catalog).columns[8].on_update_now = true;
    const Plan plan = planned(two_changes, "mysql", &catalog);
    const auto& set = first_backfill(plan).set;
    CHECK(std::count(set.begin(), set.end(),
                     std::pair<std::string, std::string>{"updated_at", "`updated_at`"}) == 1);
}

TEST_CASE("user triggers that a backfill fires are announced")
{
    CHECK(notes_mention(planned(two_changes), "\"customers_touch\""));
}

TEST_CASE("a statement without undo stops rollback, and the plan says so")
{
    const Plan silent = planned("[[expand]]\nsql = \"CREATE TABLE t (a int)\"\n");
    CHECK(silent.actions[0].irreversible);
    CHECK(notes_mention(silent, "has no undo"));
    const Plan loud = planned("[[expand]]\nsql = \"CREATE TABLE t (a int)\"\nundo = false\n");
    CHECK(loud.actions[0].irreversible);
    CHECK(notes_mention(loud, "as its file says"));
    const Plan back = planned("[[expand]]\nsql = \"CREATE TABLE t (a int)\"\n"
                              "undo = \"DROP TABLE t\"\n");
    CHECK_FALSE(back.actions[0].irreversible);
    CHECK(back.notes.empty());
}

TEST_CASE("a statement touches the tables that it names, and the one that it makes")
{
    const Plan plan = planned("[[expand]]\nsql = \"CREATE TABLE IF NOT EXISTS app.copies AS SELECT "
                              "id FROM customers\"\nundo = \"DROP TABLE app.copies\"\n");
    const std::vector<TableName> expected{{.schema = "public", .name = "customers"},
                                          {.schema = "app", .name = "copies"}};
    CHECK(plan.actions[0].tables == expected);
}

TEST_CASE("a copy into a table that the migration makes takes the source's key for its own")
{
    const Plan plan = planned(
        "[[expand]]\nsql = \"CREATE TABLE profiles (customer_id bigint PRIMARY KEY, city text)\"\n"
        "undo = \"DROP TABLE profiles\"\n"
        "[[backfill]]\ntable = \"customers\"\ninto = \"profiles\"\n"
        "set = { customer_id = \"id\", city = \"city\" }\n");
    CHECK(first_backfill(plan).into_key == std::vector<std::string>{"customer_id"});
    CHECK(first_backfill(plan).into->name == "profiles");
}

TEST_CASE("a backfill that the file does not verify is verified by its own condition")
{
    const std::string backfill = "[[backfill]]\ntable = \"customers\"\nset = { city = \"'x'\" }\n"
                                 "where = \"city IS NULL\"\n";
    const Plan plan = planned(backfill);
    REQUIRE(plan.actions.size() == 2);
    CHECK(std::get<VerifyWork>(plan.actions[1].work).expect == "(city IS NULL) IS NOT TRUE");
    const Plan own = planned(backfill + "[[verify]]\ntable = \"customers\"\n"
                                        "expect = \"city IS NOT NULL\"\n");
    REQUIRE(own.actions.size() == 2);
    CHECK(std::get<VerifyWork>(own.actions[1].work).expect == "city IS NOT NULL");
}

TEST_CASE("one pass and deletion cannot be taken back")
{
    const Plan once = planned("[[backfill]]\ntable = \"customers\"\nonce = true\n"
                              "set = { visits = \"visits + 1\" }\n");
    CHECK(once.actions[0].irreversible);
    CHECK(once.actions.size() == 1);
    const Plan gone = planned("[[backfill]]\ntable = \"orders\"\ndelete = true\n"
                              "where = \"note IS NULL\"\n");
    CHECK(gone.actions[0].irreversible);
}

TEST_CASE("a default that is not a constant is set for new rows and filled in old ones")
{
    const Plan plan = planned("[[change]]\nkind = \"add_column\"\ntable = \"customers\"\n"
                              "column = \"token\"\ntype = \"uuid\"\nnullable = false\n"
                              "default = \"gen_random_uuid()\"\n");
    const BackfillWork& work = first_backfill(plan);
    CHECK(work.needs_work == "\"token\" IS NULL");
    CHECK(work.set[0].second == "gen_random_uuid()");
}

TEST_CASE("where a default cannot be set without writing the rows out, triggers give it meanwhile")
{
    const Plan plan = planned("[[change]]\nkind = \"add_column\"\ntable = \"customers\"\n"
                              "column = \"token\"\ntype = \"TEXT\"\n"
                              "default = \"hex(randomblob(16))\"\n",
                              "sqlite");
    const auto& expand = std::get<SchemaWork>(plan.actions[0].work);
    CHECK(std::any_of(expand.steps.begin(), expand.steps.end(), [](const Step& step) {
        return step.sql.find("CREATE TRIGGER") != std::string::npos;
    }));
    CHECK(std::none_of(expand.steps.begin(), expand.steps.end(), [](const Step& step) {
        return step.sql.find("sluice_with_default") != std::string::npos;
    }));
}

TEST_CASE("a table is walked by its primary key, and a declared change by the first that serves")
{
    const auto dialect = test::dialect_of("postgresql");
    Catalog catalog = test::sample_catalog(*dialect);
    const Location nowhere;
    CHECK(choose_key(test::customers(catalog), {}, *dialect, nowhere)[0].name == "id");
    test::customers(catalog).primary_key.clear();
    CHECK(usable_keys(test::customers(catalog), *dialect) ==
          std::vector<std::vector<std::string>>{{"email"}});
    CHECK(first_backfill(planned(two_changes, "postgresql", &catalog)).key[0].name == "email");
}

TEST_CASE("a key is taken in the order of its index")
{
    const auto dialect = test::dialect_of("postgresql");
    Catalog catalog = test::sample_catalog(*dialect);
    Table& table = test::customers(catalog);
    table.indexes[0].unique = true;
    table.columns[7].nullable = false;
    const auto key = choose_key(table, {"user_name", "city"}, *dialect, {});
    REQUIRE(key.size() == 2);
    CHECK(key[0].name == "city");
    CHECK(key[1].name == "user_name");
}

TEST_CASE("a simulated table follows its alterations, and back again")
{
    const auto dialect = test::dialect_of("postgresql");
    Catalog catalog = test::sample_catalog(*dialect);
    const Table before = test::customers(catalog);
    const Column twin = test::column_of(*dialect, "username", "character varying(50)");
    const std::vector<Alteration> group{
        AddColumn{before.name, twin},
        SetNullability{before.name, before.columns[2], Nullability::nullable},
        SetDefault{before.name, before.columns[2], std::nullopt, "'x'"},
        RenameColumn{before.name, "user_name", "kept"},
        RenameIndex{before.name, "customers_city_user_name", "aside", false}};
    const Table after = altered(before, group, *dialect);
    CHECK(after.columns.back() == twin);
    REQUIRE(after.find("kept") != nullptr);
    CHECK(after.find("kept")->nullable);
    CHECK(after.find("kept")->default_sql == "'x'");
    CHECK(after.find("user_name") == nullptr);
    CHECK(after.indexes[0].name == "aside");
    CHECK(after.indexes[0].parts[1].column == "kept");
    CHECK(same_schema(altered(after, invert(group), *dialect), before));
    CHECK_THROWS_AS((void)altered(before, DropColumn{before.name, twin}, *dialect), Error);
}

TEST_CASE("reserved names fit the engine and stay apart")
{
    for (const std::string& engine : test::all_engines()) {
        const auto dialect = test::dialect_of(engine);
        CHECK(twin_name("city", *dialect) == "sluice_new_city");
        const std::string stem(dialect->longest_name() - 2, 'x');
        const std::string a = kept_name(stem + "_a", *dialect);
        const std::string b = kept_name(stem + "_b", *dialect);
        CHECK(a.size() <= dialect->longest_name());
        CHECK(a != b);
        CHECK(is_reserved(a));
        std::string umlauts;
        while (umlauts.size() < dialect->longest_name()) {
            umlauts += "ü";
        }
        const std::string cut = twin_name(umlauts, *dialect);
        CHECK(cut.size() <= dialect->longest_name());
    }
}

TEST_CASE("every piece of SQL in a file is probed before anything is changed")
{
    const auto dialect = test::dialect_of("postgresql");
    const Migration migration = parse_migration(
        "[[change]]\nkind = \"change_column\"\ntable = \"customers\"\ncolumn = \"visits\"\n"
        "type = \"bigint\"\nup = \"visits * 2\"\ndown = \"visits / 2\"\nup_ok = \"visits > 0\"\n"
        "[[expand]]\nsql = \"ALTER TABLE customers ADD COLUMN extra text\"\n"
        "undo = \"ALTER TABLE customers DROP COLUMN extra\"\n"
        "[[backfill]]\ntable = \"customers\"\nset = { extra = \"city\" }\n"
        "where = \"extra IS NULL\"\n",
        "7_sample.toml");
    const auto probes = syntax_probes(migration, test::sample_catalog(*dialect), *dialect);
    std::string all;
    for (const SyntaxProbe& probe : probes) {
        all += probe.what + ": " + probe.sql + "\n";
        CHECK(std::count(probe.made_by_plan.begin(), probe.made_by_plan.end(), "extra") >= 1);
    }
    for (const char* part :
         {"`up` of column \"visits\": SELECT (visits * 2) FROM (SELECT ",
          "`down` of column \"visits\": SELECT (visits / 2)", "CAST(NULL AS bigint) AS \"visits\"",
          "WHERE (visits > 0)", "[[expand]] undo: ALTER TABLE", "`set.extra`: SELECT (city)",
          "WHERE (extra IS NULL)"}) {
        CAPTURE(part);
        CHECK(all.find(part) != std::string::npos);
    }
}
