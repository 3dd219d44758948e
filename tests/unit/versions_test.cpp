// What a version of a schema shows, and how the plan makes, changes and ends it.

#include "sluice/core/error.h"
#include "sluice/db/version_record.h"
#include "sluice/migration/reader.h"
#include "sluice/plan/names.h"
#include "sluice/plan/planner.h"
#include "support/sample_catalog.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <stdexcept>

using namespace sluice;

namespace {

struct Sample {
    explicit Sample(const std::string& engine)
        : dialect(test::dialect_of(engine)), catalog(test::sample_catalog(*dialect))
    {
    }

    [[nodiscard]] Plan plan(const std::string& toml) const
    {
        return make_plan(parse_migration(toml, "7_sample.toml"), catalog, *dialect);
    }

    /// With columns as "shown" or "shown=held".
    VersionSchema& add_version(const std::string& version, const std::string& table,
                               const std::vector<std::string>& columns)
    {
        const bool is_mysql = dialect->server().engine == Engine::mysql;
        const std::string of = is_mysql ? "shop" : "public";
        ShownTable shown{.name = table, .table = {is_mysql ? "" : "public", table}};
        for (const std::string& column : columns) {
            const std::size_t mark = column.find('=');
            const std::size_t held = mark == std::string::npos ? 0 : mark + 1;
            shown.columns.push_back(
                {.name = column.substr(0, mark), .held_by = column.substr(held)});
        }
        catalog.versions.push_back(
            {.name = of + "_" + version, .version = version, .of = of, .tables = {shown}});
        return catalog.versions.back();
    }

    std::unique_ptr<Dialect> dialect;
    Catalog catalog;
};

std::string change(const std::string& kind, const std::string& rest)
{
    return "[[change]]\nkind = \"" + kind + "\"\ntable = \"customers\"\n" + rest + "\n";
}

const std::string rename_change =
    change("rename_column", "from = \"user_name\"\nto = \"username\"");
const std::string retype = change("change_column", "column = \"credit\"\ntype = \"bigint\"");
const std::string views = "views = true\n";

/// The first statement of the phase that has all of these words; empty where there is none.
std::string statement(const Plan& plan, Phase phase, const std::vector<std::string>& words)
{
    for (const Action& action : plan.actions) {
        const auto* work = std::get_if<SchemaWork>(&action.work);
        if (action.phase != phase || work == nullptr) {
            continue;
        }
        for (const Step& step : work->steps) {
            if (std::all_of(words.begin(), words.end(), [&](const std::string& word) {
                    return step.sql.find(word) != std::string::npos;
                })) {
                return step.sql;
            }
        }
    }
    return {};
}

std::string view_of(const Plan& plan, const std::string& table)
{
    return statement(plan, Phase::expand, {" VIEW ", table + "\" "}) +
           statement(plan, Phase::expand, {" VIEW ", table + "` "});
}

Error error_of(const Sample& sample, const std::string& toml)
{
    try {
        (void)sample.plan(toml);
    } catch (const Error& error) {
        return error;
    }
    throw std::logic_error("nothing was thrown");
}

} // namespace

TEST_CASE(
    "a version shows every table of the schema, and of one that changes the new columns alone")
{
    const Plan plan = Sample("postgresql").plan(views + rename_change);
    CHECK(view_of(plan, "customers") ==
          "CREATE VIEW \"public_7\".\"customers\" WITH (security_invoker = true) AS SELECT \"id\", "
          "\"email\", \"full_name\", \"status\", \"credit\", \"visits\", \"city\", \"updated_at\", "
          "\"username\" FROM \"public\".\"customers\"");
    CHECK(view_of(plan, "orders") ==
          "CREATE VIEW \"public_7\".\"orders\" WITH (security_invoker = true) AS SELECT \"id\", "
          "\"customer_id\", \"note\" FROM \"public\".\"orders\"");
    const Plan mysql = Sample("mysql").plan(views + rename_change);
    CHECK(view_of(mysql, "orders") ==
          "CREATE OR REPLACE ALGORITHM=MERGE SQL SECURITY INVOKER VIEW `shop_7`.`orders` AS SELECT "
          "`id`, `customer_id`, `note` FROM `shop`.`orders`");
}

TEST_CASE("a column whose twin has a reserved name is shown by the name that it will have")
{
    const Plan plan = Sample("postgresql").plan(views + retype);
    const std::string view = view_of(plan, "customers");
    CHECK(view.find("\"sluice_new_credit\" AS \"credit\"") != std::string::npos);
    CHECK(view.find("\"credit\",") == std::string::npos);
    CHECK(statement(plan, Phase::expand, {"ALTER VIEW"}) ==
          "ALTER VIEW \"public_7\".\"customers\" ALTER COLUMN \"credit\" SET DEFAULT 0");
    CHECK(statement(plan, Phase::contract, {"ALTER VIEW", "DROP DEFAULT"}) != "");

    const Plan mysql = Sample("mysql").plan(views + retype);
    CHECK(view_of(mysql, "customers").find("`sluice_new_credit` AS `credit`") != std::string::npos);
    const std::string after = statement(mysql, Phase::contract, {"VIEW `shop_7`.`customers`"});
    CHECK(after.find("`credit`") != std::string::npos);
    CHECK(after.find("sluice_new_") == std::string::npos);
}

TEST_CASE("a new table, a renamed one and one that goes are shown as contract leaves them")
{
    const std::string others =
        "[[change]]\nkind = \"rename_table\"\ntable = \"notes\"\nto = \"remarks\"\n"
        "[[change]]\nkind = \"create_table\"\ntable = \"labels\"\nprimary_key = [\"id\"]\n"
        "columns = [{ name = \"id\", type = \"bigint\" }]\n";
    const Plan plan = Sample("postgresql").plan(views + others);
    CHECK(view_of(plan, "labels") != "");
    const std::string renamed = statement(plan, Phase::expand, {"\"public_7\".\"remarks\""});
    CHECK(renamed.find("FROM \"public\".\"notes\"") != std::string::npos);
    CHECK(statement(plan, Phase::expand, {"\"public_7\".\"notes\""}) == "");
    const Plan mysql = Sample("mysql").plan(views + others);
    const std::string by_name = statement(mysql, Phase::expand, {"`shop_7`.`remarks`"});
    CHECK(by_name.find("FROM `shop`.`remarks`") != std::string::npos);
    const Plan dropped =
        Sample("mysql").plan(views + "[[change]]\nkind = \"drop_table\"\ntable = \"notes\"\n");
    CHECK(statement(dropped, Phase::expand, {"`shop_7`.`notes`"}) == "");
    CHECK(statement(dropped, Phase::expand, {"`shop_7`.`orders`"}) != "");
}

TEST_CASE("a version stands on the one before it, which may wait for its contract")
{
    Sample sample("postgresql");
    ShownTable& before =
        sample.add_version("5", "customers", {"id", "email", "login=user_name"}).tables[0];
    before.hidden = {"city", "full_name", "status", "credit", "visits"};
    const Plan plan =
        sample.plan(views + change("add_column", "column = \"size\"\ntype = \"text\""));
    CHECK(view_of(plan, "customers") ==
          "CREATE VIEW \"public_7\".\"customers\" WITH (security_invoker = true) AS SELECT \"id\", "
          "\"email\", \"user_name\" AS \"login\", \"updated_at\", \"size\" FROM "
          "\"public\".\"customers\"");
}

TEST_CASE("contract ends the versions that show what it puts aside, and no others")
{
    for (const char* engine : {"postgresql", "mysql"}) {
        CAPTURE(engine);
        Sample sample(engine);
        sample.add_version("5", "customers", {"id", "user_name"});
        sample.add_version("6", "customers", {"id", "email"});
        for (const std::string& toml : {rename_change, views + rename_change}) {
            const Plan plan = sample.plan(toml);
            std::string ended;
            for (const Action& action : plan.actions) {
                if (action.phase == Phase::contract &&
                    action.summary.rfind("put the views of migration", 0) == 0) {
                    ended += action.summary.substr(27, 4);
                    CHECK(action.undo.has_value());
                }
            }
            CHECK(ended == "\"5\" ");
            CHECK(std::any_of(plan.notes.begin(), plan.notes.end(), [](const std::string& note) {
                return note.find("ends the version of migration \"5\"") != std::string::npos;
            }));
        }
        const Plan added = sample.plan(change("add_column", "column = \"size\"\ntype = \"text\""));
        CHECK(std::none_of(added.actions.begin(), added.actions.end(), [](const Action& action) {
            return action.summary.find("views") != std::string::npos;
        }));
    }
}

TEST_CASE("a version that could not show what it should is refused with the way out")
{
    const Error sqlite = error_of(Sample("sqlite"), views + rename_change);
    CHECK(sqlite.kind == ErrorKind::refused);
    CHECK(sqlite.details.hint.find("Leave `views` out") != std::string::npos);

    const Error written =
        error_of(Sample("postgresql"), views + rename_change + "[[expand]]\nsql = \"SELECT 1\"\n");
    CHECK(written.message.find("written out") != std::string::npos);

    Sample taken("postgresql");
    taken.catalog.schemas = {"public", "public_7"};
    CHECK(error_of(taken, views + rename_change).message ==
          "7_sample.toml: there is a schema \"public_7\" already");

    Sample waiting("mysql");
    waiting.add_version("5", "customers", {"id", "credit=sluice_new_credit"});
    CHECK(error_of(waiting, views + rename_change).details.hint ==
          "`sluice contract 5` comes first.");

    Sample guarded("postgresql");
    guarded.dialect =
        make_dialect({.engine = Engine::postgresql, .is_mariadb = false, .version = 140000});
    test::customers(guarded.catalog).settings = {"ENABLE ROW LEVEL SECURITY"};
    CHECK(error_of(guarded, views + rename_change).message.find("row-level security") !=
          std::string::npos);
}

TEST_CASE("a version's schema is called after the schema and the migration, however long both are")
{
    const auto dialect = test::dialect_of("postgresql");
    CHECK(version_schema("public", "20261121", *dialect) == "public_20261121");
    const std::string longer = version_schema(std::string(60, 'x'), "20261121093000", *dialect);
    CHECK(longer.size() == dialect->longest_name());
    CHECK(longer.substr(longer.size() - 15) == "_20261121093000");
    CHECK(longer != version_schema(std::string(61, 'x'), "20261121093000", *dialect));
}

TEST_CASE("a version's record gives back what no view tells, and nothing else is taken for one")
{
    VersionSchema version{.name = "public_7", .version = "7", .of = "pub\"lic"};
    version.tables = {{.name = "t", .hidden = {"a 'b'", "c"}}, {.name = "u"}};
    version.hidden = {"gone"};
    const auto found = read_version_record("public_7", version_record(version));
    REQUIRE(found);
    CHECK(found->version == "7");
    CHECK(found->of == "pub\"lic");
    CHECK(found->hidden == version.hidden);
    REQUIRE(found->tables.size() == 1);
    CHECK(found->tables[0].hidden == version.tables[0].hidden);
    CHECK_FALSE(read_version_record("x", "standard public schema"));
    CHECK_FALSE(read_version_record("x", "sluice version of mine"));
}

TEST_CASE("what a view shows is read from the definition that each server prints")
{
    const std::vector<ShownColumn> expected{{.name = "id", .held_by = "id"},
                                            {.name = "from", .held_by = "sluice_new_from"}};
    CHECK(shown_columns(" SELECT t.id,\n    t.sluice_new_from AS \"from\"\n   FROM t;",
                        Engine::postgresql) == expected);
    CHECK(shown_columns(" SELECT id,\n    sluice_new_from AS \"from\"\n   FROM public.t;",
                        Engine::postgresql) == expected);
    const std::string mysql = "select `shop`.`t`.`id` AS `id`,`shop`.`t`.`sluice_new_from` AS "
                              "`from` from `shop`.`t`";
    CHECK(shown_columns(mysql, Engine::mysql) == expected);
    CHECK(shown_table(mysql, Engine::mysql) == "t");
}
