// What make_plan does not do: each refusal says what, why, and the way out.

#include "sluice/core/error.h"
#include "sluice/migration/reader.h"
#include "sluice/plan/planner.h"
#include "support/sample_catalog.h"

#include <doctest/doctest.h>

#include <functional>

using namespace sluice;

namespace {

const std::string rename_user_name =
    "[[change]]\nkind = \"rename_column\"\ntable = \"customers\"\nfrom = \"user_name\"\n"
    "to = \"username\"\n";

using Edit = std::function<void(Catalog&)>;

std::string shown(const Error& error)
{
    return error.message + " | " + error.details.hint;
}

/// The error of planning the file, "" where it can be planned. `kind` must be the error's.
std::string refusal(const std::string& toml, ErrorKind kind, const Edit& edit = {},
                    const std::string& engine = "postgresql")
{
    const auto dialect = test::dialect_of(engine);
    Catalog catalog = test::sample_catalog(*dialect);
    if (edit) {
        edit(catalog);
    }
    const Migration migration = parse_migration(toml, "1_sample.toml");
    try {
        (void)make_plan(migration, catalog, *dialect);
        return {};
    } catch (const Error& error) {
        CHECK(error.kind == kind);
        CHECK_FALSE(error.details.hint.empty());
        return shown(error);
    }
}

std::string refused(const std::string& toml, const Edit& edit = {},
                    const std::string& engine = "postgresql")
{
    return refusal(toml, ErrorKind::refused, edit, engine);
}

std::string mistaken(const std::string& toml, const std::string& engine = "postgresql")
{
    return refusal(toml, ErrorKind::definition, {}, engine);
}

std::string change(const std::string& kind, const std::string& rest)
{
    return "[[change]]\nkind = \"" + kind + "\"\ntable = \"customers\"\n" + rest + "\n";
}

void check_mentions(const std::string& text, const std::vector<std::string>& parts)
{
    for (const std::string& part : parts) {
        CAPTURE(text);
        CAPTURE(part);
        CHECK(text.find(part) != std::string::npos);
    }
}

/// Renaming user_name is refused on every engine once the catalog is edited.
void check_rename_refused(const Edit& edit, const std::vector<std::string>& parts)
{
    for (const std::string& engine : test::all_engines()) {
        CAPTURE(engine);
        check_mentions(refused(rename_user_name, edit, engine), parts);
    }
}

Column& user_name(Catalog& catalog)
{
    return test::customers(catalog).columns[2];
}

} // namespace

TEST_CASE("a missing table is named with the nearest, and the place in the file")
{
    check_mentions(
        mistaken("[[change]]\nkind = \"drop_column\"\ntable = \"custmers\"\n"
                 "column = \"city\"\n"),
        {"1_sample.toml:1:", "there is no table \"custmers\"", "Did you mean \"customers\"?"});
}

TEST_CASE("a missing column is named with the nearest")
{
    check_mentions(
        mistaken(change("rename_column", "from = \"user_nam\"\nto = \"username\"")),
        {"table \"public.customers\" has no column \"user_nam\"", "Did you mean \"user_name\"?"});
}

TEST_CASE("a name that the table has is not given again")
{
    check_mentions(refused(change("rename_column", "from = \"user_name\"\nto = \"city\"")),
                   {"has a column \"city\" already"});
    check_mentions(refused(change("add_column", "column = \"city\"\ntype = \"text\"")),
                   {"has a column \"city\" already"});
}

TEST_CASE("a name that the engine would not take, or would cut, is not given")
{
    const auto add = [](const std::string& name) {
        return change("add_column", "column = \"" + name + "\"\ntype = \"int\"");
    };
    const std::string longest(63, 'x');
    CHECK(refused(add(longest)).empty());
    check_mentions(refused(add(longest + "é")), {"xé\"", "is longer than 63 bytes"});
    check_mentions(
        refused(change("rename_column", "from = \"user_name\"\nto = \"" + longest + "yz\"")),
        {"is longer than 63 bytes"});
    CHECK(refused(add(longest + "é"), {}, "mysql").empty());
    check_mentions(refused(add(longest + "éy"), {}, "mysql"), {"is longer than 64 characters"});
    check_mentions(refused(add("smile 😀"), {}, "mysql"), {"\"smile 😀\"", "Multilingual"});
    check_mentions(refused(add("open "), {}, "mysql"), {"ends with a space"});
    CHECK(refused(add(longest + "éy 😀 "), {}, "sqlite").empty());
}

TEST_CASE("a key column is not changed")
{
    check_mentions(refused(change("rename_column", "from = \"id\"\nto = \"number\"")),
                   {"\"id\"", "part of the primary key"});
}

TEST_CASE("a column under a foreign key is not dropped, nor changed on the side referred to")
{
    check_mentions(refused("[[change]]\nkind = \"drop_column\"\ntable = \"orders\"\n"
                           "column = \"customer_id\"\n"),
                   {"part of the foreign key \"orders_customer\""});
    check_rename_refused(
        [](Catalog& catalog) { test::customers(catalog).referenced_by[0].columns = {"user_name"}; },
        {"the foreign key \"orders_customer\" of table", "refers to it"});
}

TEST_CASE("a column that something is computed from is not changed")
{
    check_rename_refused([](Catalog& catalog) { user_name(catalog).is_identity = true; },
                         {"numbers itself"});
    check_rename_refused([](Catalog& catalog) { user_name(catalog).generated = "city"; },
                         {"is a generated column"});
    check_rename_refused(
        [](Catalog& catalog) {
            test::customers(catalog).columns[7].generated = "lower(user_name)";
        },
        {"the generated column \"city\" is computed from it"});
}

TEST_CASE("a check goes with a column's twin where the engine can add one, but not with a drop")
{
    const auto checked = [](Catalog& catalog) {
        test::customers(catalog).checks = {
            {.name = "named", .expression = "(user_name <> '')", .columns = {"user_name"}}};
    };
    for (const std::string& engine : test::all_engines()) {
        CAPTURE(engine);
        check_mentions(refused(change("drop_column", "column = \"user_name\""), checked, engine),
                       {"the CHECK \"named\" mentions it"});
    }
    check_mentions(refused(rename_user_name, checked, "mysql"),
                   {"the CHECK \"named\" mentions it"});
    CHECK(refused(rename_user_name, checked, "postgresql").empty());
    CHECK(refused(rename_user_name, checked, "sqlite").empty());
}

TEST_CASE("a foreign key whose rule writes the column is refused where no trigger sees that")
{
    const std::string rename = "[[change]]\nkind = \"rename_column\"\ntable = \"orders\"\n"
                               "from = \"customer_id\"\nto = \"customer\"\n";
    const auto with_rule = [](const std::string& rule) {
        return [rule](Catalog& catalog) {
            for (Table& table : catalog.tables) {
                for (ForeignKey& key : table.foreign_keys) {
                    key.on_delete = rule;
                }
            }
        };
    };
    check_mentions(refused(rename, with_rule("SET NULL"), "mysql"),
                   {"part of the foreign key \"orders_customer\""});
    CHECK(refused(rename, with_rule("CASCADE"), "mysql").empty());
    CHECK(refused(rename, with_rule("SET NULL"), "postgresql").empty());
    CHECK(refused(rename, with_rule("SET NULL"), "sqlite").empty());
}

TEST_CASE("what names a column besides its table's definition stays in the way, and is named")
{
    for (const char* kind : {"policy", "statistics", "publication", "rule"}) {
        check_rename_refused(
            [kind](Catalog& catalog) {
                test::customers(catalog).dependents = {
                    {.kind = kind, .name = "it", .columns = {"user_name"}}};
            },
            {std::string("the ") + kind + " \"it\" names it"});
    }
    check_rename_refused(
        [](Catalog& catalog) {
            test::customers(catalog).settings = {
                "REPLICA IDENTITY USING INDEX customers_city_user_name"};
        },
        {"replica identity"});
}

TEST_CASE("a column of a partial index or of an index over an expression is not dropped")
{
    const std::string drop = change("drop_column", "column = \"user_name\"");
    check_mentions(refused(drop,
                           [](Catalog& catalog) {
                               test::customers(catalog).indexes[1].predicate =
                                   "user_name IS NOT NULL";
                           }),
                   {"the index \"customers_email\" is partial"});
    check_mentions(refused(drop,
                           [](Catalog& catalog) {
                               test::customers(catalog).indexes[2].parts = {
                                   {.expression = "lower(user_name)"}};
                           }),
                   {"the index \"customers_full_name\""});
}

TEST_CASE("a column of an exclusion constraint is not changed")
{
    check_mentions(refused(rename_user_name,
                           [](Catalog& catalog) {
                               Index& index = test::customers(catalog).indexes[0];
                               index.is_constraint = true;
                               index.definition = "EXCLUDE USING gist (user_name WITH =)";
                           }),
                   {"the exclusion constraint"});
}

TEST_CASE("a column that a view or a trigger reads stays")
{
    check_rename_refused(
        [](Catalog& catalog) {
            test::customers(catalog).views = {
                {.name = {.schema = {}, .name = "names"}, .columns = {"user_name"}}};
        },
        {"the view \"names\" reads it"});
    check_rename_refused(
        [](Catalog& catalog) {
            test::customers(catalog).views = {{.name = {.schema = {}, .name = "names"}}};
        },
        {"the view \"names\" reads it"});
    check_rename_refused(
        [](Catalog& catalog) {
            test::customers(catalog).triggers[0].body = "NEW.user_name := lower(NEW.user_name)";
        },
        {"the trigger \"customers_touch\" mentions it"});
    CHECK(refused(rename_user_name, [](Catalog& catalog) {
              test::customers(catalog).views = {
                  {.name = {.schema = {}, .name = "cities"}, .columns = {"city"}}};
          }).empty());
}

TEST_CASE("only a plain table with transactions is changed")
{
    for (const TableKind kind : {TableKind::partition, TableKind::temporary, TableKind::foreign,
                                 TableKind::virtual_table, TableKind::view}) {
        CHECK_FALSE(refused(rename_user_name, [&](Catalog& catalog) {
                        test::customers(catalog).kind = kind;
                    }).empty());
    }
    check_mentions(refused(
                       rename_user_name,
                       [](Catalog& catalog) { test::customers(catalog).storage = "MyISAM"; },
                       "mysql"),
                   {"stored in MyISAM", "ENGINE=InnoDB"});
}

TEST_CASE("two changes do not meet in one column")
{
    check_mentions(refused(change("drop_column", "column = \"city\"") +
                           change("add_column", "column = \"town\"\ntype = \"text\"\n"
                                                "up = \"lower(city)\"")),
                   {"two changes of one migration meet in column \"city\""});
}

TEST_CASE("a NOT NULL column without a value for its rows is not added")
{
    check_mentions(
        refused(change("add_column", "column = \"x\"\ntype = \"integer\"\nnullable = false")),
        {"\"x\" is to be NOT NULL", "default = ", "up = "});
}

TEST_CASE("an expression that differs from call to call is not put into triggers")
{
    const auto add = [](const std::string& up) {
        return change("add_column", "column = \"x\"\ntype = \"text\"\nup = \"" + up + "\"");
    };
    for (const char* up : {"random()::text", "NOW()", "current_timestamp", "gen_random_uuid()",
                           "nextval('s')", "(SELECT max(city) FROM customers)"}) {
        CAPTURE(up);
        CHECK_FALSE(refused(add(up)).empty());
    }
    CHECK_FALSE(refused(add("datetime('now')"), {}, "sqlite").empty());
    CHECK_FALSE(refused(add("uuid()"), {}, "mysql").empty());
    CHECK(refused(add("lower(city) || ' now() random() '")).empty());
}

TEST_CASE("a conversion without an exact test is asked for, and so is its other half")
{
    const auto to = [](const std::string& rest) {
        return change("change_column", "column = \"full_name\"\n" + rest);
    };
    check_mentions(refused(to("type = \"inet\"")), {"no exact test", "up_ok"});
    check_mentions(mistaken(to("type = \"integer\"\nup = \"length(full_name)\"")),
                   {"given `up` without `down`"});
}

TEST_CASE("a change that would change nothing is a mistake")
{
    check_mentions(mistaken(change("change_column", "column = \"credit\"\ntype = \"integer\"")),
                   {"is integer already"});
    check_mentions(mistaken(change("change_column", "column = \"email\"\nnullable = false")),
                   {"NOT NULL already"});
}

TEST_CASE("a text for another engine only is a mistake on this one")
{
    check_mentions(mistaken("[[expand]]\nsql = { mysql = \"SELECT 1\" }\nundo = \"SELECT 1\"\n"),
                   {"no text for postgresql"});
}

TEST_CASE("a table is not walked by columns that no unique index covers")
{
    const auto backfill = [](const std::string& key) {
        return "[[backfill]]\ntable = \"customers\"\nkey = [" + key +
               "]\nset = { status = \"'old'\" }\nwhere = \"status = 'new'\"\n";
    };
    check_mentions(refused(backfill("\"city\"")),
                   {"no unique index", "key = [\"id\"] or key = [\"email\"]"});
    CHECK(refused(backfill("\"email\"")).empty());
    check_mentions(
        refused(backfill("\"email\""),
                [](Catalog& catalog) { test::customers(catalog).columns[1].nullable = true; }),
        {"\"email\": it may be NULL", "key = [\"id\"]"});
}

TEST_CASE("a table without a key is not walked")
{
    check_mentions(refused("[[verify]]\ntable = \"customers\"\nexpect = \"city IS NOT NULL\"\n",
                           [](Catalog& catalog) {
                               test::customers(catalog).primary_key.clear();
                               test::customers(catalog).indexes.clear();
                           }),
                   {"has no primary key", "Add a primary key"});
}

TEST_CASE("a backfill leaves the key alone, and names columns that are there")
{
    const auto backfill = [](const std::string& set) {
        return "[[backfill]]\ntable = \"customers\"\nset = { " + set + " }\nwhere = \"true\"\n";
    };
    check_mentions(refused(backfill("id = \"id + 1\"")), {"sets \"id\", by which it walks"});
    check_mentions(mistaken(backfill("cty = \"1\"")), {"no column \"cty\"", "\"city\""});
}

TEST_CASE("a copy sets the whole key of its target")
{
    const auto copy = [](const std::string& set) {
        return "[[backfill]]\ntable = \"customers\"\ninto = \"orders\"\nset = { " + set + " }\n";
    };
    check_mentions(refused(copy("note = \"full_name\", customer_id = \"id\"")),
                   {"none of its unique keys", "\"id\""});
    CHECK(refused(copy("id = \"id\", customer_id = \"id\"")).empty());
}

TEST_CASE("what is left of an earlier migration is purged first")
{
    check_rename_refused(
        [](Catalog& catalog) {
            Column kept = user_name(catalog);
            kept.name = "sluice_kept_user_name";
            test::customers(catalog).columns.push_back(kept);
        },
        {"still has \"sluice_kept_user_name\" of an earlier migration", "sluice purge"});
    check_rename_refused(
        [](Catalog& catalog) {
            Trigger sync = test::customers(catalog).triggers[0];
            sync.name = "zzz_sluice_20250101_1";
            sync.body = "NEW.sluice_kept_login = NEW.user_name";
            test::customers(catalog).triggers.push_back(sync);
        },
        {"an earlier migration that changes it is not finished", "sluice purge"});
}

TEST_CASE("a column that the database fills in its own way is not moved")
{
    check_rename_refused([](Catalog& catalog) { user_name(catalog).on_update_now = true; },
                         {"filled by ON UPDATE CURRENT_TIMESTAMP"});
    check_rename_refused(
        [](Catalog& catalog) { user_name(catalog).default_sql = "nextval('names')"; },
        {"filled by a sequence"});
}

TEST_CASE("a key column keeps its NOT NULL")
{
    check_mentions(refused(change("change_column", "column = \"id\"\nnullable = true")),
                   {"\"id\"", "a key or numbers itself"});
}

TEST_CASE("a type that is none is refused with its place in the file")
{
    check_mentions(mistaken(change("add_column", "column = \"x\"\ntype = \"no such type\"")),
                   {"1_sample.toml:1:", "not a type"});
}

TEST_CASE("a column that is split or merged is refused while something hangs on it")
{
    const auto split = [](const std::string& column) {
        return change("split_column", "column = \"" + column +
                                          "\"\ninto = [{ name = \"x\", type = \"text\", up = \"" +
                                          column +
                                          "\" }, { name = \"y\", type = \"text\", up = \"" +
                                          column + "\" }]\ndown = \"x\"");
    };
    for (const std::string& engine : test::all_engines()) {
        CAPTURE(engine);
        check_mentions(refused(split("email"), {}, engine),
                       {"customers_email", "unique index", "drop_index", "add_index"});
        check_mentions(refused(split("id"), {}, engine), {"primary key"});
        const auto with_check = [](Catalog& catalog) {
            test::customers(catalog).checks = {
                {.name = "long", .expression = "(credit > 0)", .columns = {"credit"}}};
        };
        check_mentions(refused(split("credit"), with_check, engine), {"CHECK \"long\""});
        CHECK(refusal(split("credit"), ErrorKind::internal, {}, engine).empty());
    }
}

TEST_CASE("merged columns each need a way back that reads none of them")
{
    const auto merge = [](const std::string& into, const std::string& downs) {
        return change("merge_columns", "columns = [\"credit\", \"visits\"]\ninto = { name = \"" +
                                           into + "\", type = \"bigint\", up = \"credit\" }\n" +
                                           "downs = { " + downs + " }");
    };
    const std::string credit = "credit = \"score\"";
    check_mentions(mistaken(merge("score", credit)), {"`downs`", "visits"});
    check_mentions(mistaken(merge("score", credit + ", visits = \"1\", city = \"2\"")),
                   {"\"city\"", "columns"});
    check_mentions(mistaken(merge("score", credit + ", visits = \"score - credit\"")),
                   {"\"visits\"", "reads \"credit\"", "put aside"});
    check_mentions(refused(merge("city", "credit = \"city\", visits = \"city\"")),
                   {"has a column \"city\" already"});
    CHECK(mistaken(merge("score", credit + ", visits = \"0\"")).empty());
}

TEST_CASE("columns are not split off that something hangs on, or whose default is no one value")
{
    const auto split = [](const std::string& columns, const std::string& into = "parts") {
        return change("split_table", "into = \"" + into + "\"\ncolumns = [" + columns + "]");
    };
    CHECK(refused(split("\"visits\"")).empty());
    check_mentions(refused(split("\"id\"")), {"\"id\"", "primary key"});
    check_mentions(refused(split("\"email\"")), {"customers_email", "drop_index"});
    check_mentions(refused(split("\"updated_at\"")), {"gives another value", "\"updated_at\""});
    check_mentions(refused(split("\"visits\"", "orders")), {"a table \"public.orders\" already"});
    check_mentions(refused(split("\"visits\"", "other.parts")), {"in two schemas"});
    check_mentions(mistaken(split("\"vists\"")), {"Did you mean \"visits\"?"});
    check_mentions(refused(split("\"visits\""),
                           [](Catalog& catalog) {
                               test::customers(catalog).settings = {"ENABLE ROW LEVEL SECURITY"};
                           }),
                   {"row-level security"});
    const auto cascade = [](Catalog& catalog) {
        test::customers(catalog).foreign_keys = {{.name = "customers_note",
                                                  .columns = {"visits"},
                                                  .referenced = {.schema = {}, .name = "notes"},
                                                  .referenced_columns = {"id"},
                                                  .on_delete = "CASCADE"}};
    };
    check_mentions(refused(split("\"city\""), cascade, "mysql"),
                   {"customers_note", "fires no trigger"});
    CHECK(refused(split("\"city\""), cascade).empty());
}

TEST_CASE("tables are merged, and columns moved, only by what is one row for one")
{
    const auto merge = [](const std::string& table, const std::string& rest) {
        return "[[change]]\nkind = \"merge_tables\"\ntable = \"" + table +
               "\"\ninto = \"customers\"\n" + rest + "\n";
    };
    CHECK(refused(merge("notes", "columns = [\"text\"]")).empty());
    check_mentions(refused(merge("orders", "columns = [\"note\"]")), {"orders_customer"});
    check_mentions(refused(merge("notes", "columns = [\"text\"]\non = { id = \"city\" }")),
                   {"is of type bigint", "change_column"});
    check_mentions(refused(merge("notes", "columns = [\"text\"]\non = { id = \"credit\" }")),
                   {"is of type bigint"});
    const std::string key = "columns = [\"text\"]\non = { text = \"full_name\" }";
    check_mentions(refused(merge("notes", key)), {"no key of \"public.customers\""});

    const auto move = [](const std::string& on) {
        return "[[change]]\nkind = \"move_column\"\ntable = \"ticket_notes\"\ncolumn = "
               "\"text\"\nto "
               "= \"tickets\"\n" +
               on + "\n";
    };
    const std::string on = "on = { ticket_id = \"id\" }";
    CHECK(refused(move(on)).empty());
    CHECK(refused(move(on), {}, "sqlite").empty());
    check_mentions(refused(move(on), {}, "mysql"),
                   {"several rows of \"ticket_notes\"", "unique index"});
    const auto without_index = [](Catalog& catalog) {
        for (Table& table : catalog.tables) {
            table.indexes.clear();
        }
    };
    check_mentions(refused(move(on), without_index), {"no index", "add_index"});
    check_mentions(refused(move("on = { text = \"title\" }")), {"no key of \"public.tickets\""});
}
