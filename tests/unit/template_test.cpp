#include "sluice/core/error.h"
#include "sluice/migration/reader.h"
#include "sluice/migration/template.h"

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

using namespace sluice;

namespace {

using Values = std::map<std::string, std::string>;

Migration filled(const std::string& kind, const Values& values)
{
    return parse_migration(fill_template(find_template(kind), values), "m/1_x.toml");
}

enum class Given { required_keys, every_key };

Values examples(const Template& form, Given given)
{
    Values values;
    for (const TemplateKey& key : form.keys) {
        if (given == Given::every_key || !key.optional) {
            values[key.name] = key.example;
        }
    }
    return values;
}

Error failure(const Template& form, const Values& values)
{
    try {
        static_cast<void>(fill_template(form, values));
    } catch (const Error& error) {
        return error;
    }
    return {ErrorKind::internal, "accepted"};
}

} // namespace

TEST_CASE("there is a template for each kind of change, for SQL and for data")
{
    std::vector<std::string> expected = change_kinds();
    expected.insert(expected.end(), {"sql", "backfill"});
    std::vector<std::string> kinds;
    for (const Template& form : all_templates()) {
        kinds.push_back(form.kind);
        CHECK_FALSE(form.about.empty());
    }
    CHECK(kinds == expected);
}

TEST_CASE("every template makes a valid file from its own examples, and no mark is left in it")
{
    for (const Template& form : all_templates()) {
        CAPTURE(form.kind);
        const std::string text = fill_template(form, examples(form, Given::every_key));
        CHECK(text.find("{{") == std::string::npos);
        CHECK(text.find("#:") == std::string::npos);
        const Migration migration = parse_migration(text, "m/1_x.toml");
        CHECK(migration.summary == "why this is done");
        CHECK(migration.owner == "accounts");
    }
}

TEST_CASE("a line whose key is not given stays as a comment that is valid without its mark")
{
    const Template& form = find_template("drop_column");
    const std::string text = fill_template(form, {{"table", "users"}, {"column", "fax"}});
    CHECK(text.find("\n# undo_fill = \"''\"\n") != std::string::npos);
    CHECK(text.starts_with("# summary = \"why this is done\"\n# owner = \"accounts\"\n"));
    CHECK(parse_migration(text, "m/1_x.toml").summary.empty());
}

TEST_CASE("add_column is filled")
{
    const Migration plain =
        filled("add_column", {{"table", "users"}, {"column", "locale"}, {"type", "varchar(10)"}});
    const auto& lean = std::get<AddColumnChange>(plain.changes.at(0).kind);
    CHECK(lean.table.name == "users");
    CHECK(lean.column == "locale");
    CHECK(lean.type.all == "varchar(10)");
    CHECK(lean.nullable);
    CHECK_FALSE(lean.default_sql);
    CHECK_FALSE(lean.up);
    const Migration rich = filled("add_column", {{"table", "billing.users"},
                                                 {"column", "locale"},
                                                 {"type", "varchar(10)"},
                                                 {"nullable", "false"},
                                                 {"default", "'de \"x\" \\ y'"},
                                                 {"up", "lower(email)"},
                                                 {"up_ok", "email <> ''"}});
    const auto& full = std::get<AddColumnChange>(rich.changes.at(0).kind);
    CHECK(full.table.schema == "billing");
    CHECK_FALSE(full.nullable);
    CHECK(full.default_sql->all == "'de \"x\" \\ y'");
    CHECK(full.up->all == "lower(email)");
    CHECK(full.up_ok->all == "email <> ''");
}

TEST_CASE("rename_column is filled")
{
    const Migration m =
        filled("rename_column", {{"table", "users"}, {"from", "user_name"}, {"to", "username"}});
    const auto& change = std::get<RenameColumnChange>(m.changes.at(0).kind);
    CHECK(change.table.name == "users");
    CHECK(change.from == "user_name");
    CHECK(change.to == "username");
}

TEST_CASE("change_column is filled")
{
    const Migration m = filled(
        "change_column",
        {{"table", "invoices"}, {"column", "total"}, {"type", "bigint"}, {"up", "total * 100"}});
    const auto& change = std::get<ChangeColumnChange>(m.changes.at(0).kind);
    CHECK(change.type->all == "bigint");
    CHECK(change.up->all == "total * 100");
    CHECK_FALSE(change.nullable);
    CHECK_FALSE(change.down);
    const Migration only_null =
        filled("change_column", {{"table", "invoices"}, {"column", "total"}, {"nullable", "true"}});
    CHECK(std::get<ChangeColumnChange>(only_null.changes.at(0).kind).nullable == true);
}

TEST_CASE("drop_column is filled")
{
    const Migration m =
        filled("drop_column", {{"table", "users"}, {"column", "fax"}, {"undo_fill", "''"}});
    const auto& change = std::get<DropColumnChange>(m.changes.at(0).kind);
    CHECK(change.column == "fax");
    CHECK(change.undo_fill->all == "''");
    CHECK_FALSE(change.down);
}

TEST_CASE("the written-out phases are filled, with or without a contract")
{
    Values values{{"table", "users"},
                  {"column", "first_name"},
                  {"type", "text"},
                  {"value", "substr(full_name, 1, 3)"}};
    const Migration m = filled("sql", values);
    CHECK(m.expand.at(0).sql.all == "ALTER TABLE users ADD COLUMN first_name text");
    CHECK(m.expand.at(0).undo->all == "ALTER TABLE users DROP COLUMN first_name");
    CHECK(m.backfills.at(0).set.at(0).first == "first_name");
    CHECK(m.backfills.at(0).set.at(0).second.all == "substr(full_name, 1, 3)");
    CHECK(m.backfills.at(0).where->all ==
          "first_name IS NULL AND (substr(full_name, 1, 3)) IS NOT NULL");
    CHECK(m.verifications.at(0).expect.all ==
          "first_name IS NOT NULL OR (substr(full_name, 1, 3)) IS NULL");
    CHECK(m.contract.empty());
    values["drop"] = "full_name";
    const Migration dropping = filled("sql", values);
    CHECK(dropping.contract.at(0).sql.all == "ALTER TABLE users DROP COLUMN full_name");
    CHECK(dropping.contract.at(0).irreversible);
}

TEST_CASE("a backfill is filled, with a key of several columns too")
{
    const Migration m = filled("backfill", {{"table", "playlist_track"},
                                            {"column", "label"},
                                            {"value", "lower(label)"},
                                            {"where", "label <> lower(label)"},
                                            {"key", "playlist_id,track_id"}});
    CHECK(m.backfills.at(0).key == std::vector<std::string>{"playlist_id", "track_id"});
    CHECK(m.backfills.at(0).where->all == "label <> lower(label)");
    CHECK(m.verifications.at(0).key == std::vector<std::string>{"playlist_id", "track_id"});
    CHECK(m.verifications.at(0).expect.all == "NOT coalesce(label <> lower(label), false)");
    CHECK(m.changes.empty());
    CHECK(m.expand.empty());
}

TEST_CASE("a value can hold anything that a text can, and cannot break out of its quotes")
{
    const std::string value = "a\"\nkind = \"drop_column\" # {{table}} \\ \t\x01 naïve";
    const Migration m = filled("rename_column", {{"table", "users"}, {"from", value}, {"to", "b"}});
    CHECK(std::get<RenameColumnChange>(m.changes.at(0).kind).from == value);
}

TEST_CASE("an unknown, a missing, an empty and a wrong value are refused with what the kind takes")
{
    const Template& rename = find_template("rename_column");
    const std::string takes =
        "Write `sluice new rename_column table=… from=… to=… [summary=…] [owner=…] [views=…]`.";
    const Error unknown = failure(rename, {{"table", "t"}, {"form", "a"}, {"to", "b"}});
    CHECK(unknown.kind == ErrorKind::usage);
    CHECK(unknown.message == "rename_column takes no \"form\"");
    CHECK(unknown.details.hint == "Did you mean \"from\"? " + takes);
    const Error missing = failure(rename, {{"table", "t"}, {"from", "a"}});
    CHECK(missing.kind == ErrorKind::usage);
    CHECK(missing.message == "rename_column needs \"to\": its name afterwards");
    CHECK(missing.details.hint == takes);
    CHECK(failure(rename, {{"table", "t"}, {"from", ""}, {"to", "b"}}).message ==
          "\"from\" is empty");
    CHECK(failure(find_template("add_column"),
                  {{"table", "t"}, {"column", "a"}, {"type", "int"}, {"nullable", "no"}})
              .message == "\"nullable\": expected true or false, found \"no\"");
}

TEST_CASE("an unknown template is refused with the nearest")
{
    try {
        static_cast<void>(find_template("rename"));
        FAIL("expected an error");
    } catch (const Error& error) {
        CHECK(error.kind == ErrorKind::usage);
        CHECK(error.message == "there is no template \"rename\"");
        CHECK(error.details.hint == "There are add_column, rename_column, change_column, "
                                    "drop_column, set_not_null, drop_not_null, add_index, "
                                    "drop_index, add_check, add_foreign_key, add_unique, "
                                    "drop_constraint, rename_constraint, purge_rows, "
                                    "create_table, drop_table, rename_table, copy_table, "
                                    "change_primary_key, split_column, merge_columns, "
                                    "split_table, merge_tables, move_column, "
                                    "change_enum, sql, backfill.");
    }
}
