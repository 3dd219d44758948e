#include "sluice/core/error.h"
#include "sluice/migration/folder.h"
#include "sluice/migration/import/import.h"
#include "sluice/migration/reader.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace sluice;

namespace {

ImportSource source(std::vector<ImportFile> files)
{
    return {"db", std::move(files)};
}

ImportedFolder imported(std::vector<ImportFile> files, Engine engine = Engine::postgresql)
{
    const ImportSource from = source(std::move(files));
    return import_folder(from, recognise_tool(from), engine);
}

Migration parsed(const ImportedMigration& migration)
{
    return parse_migration(migration.text, "m/" + migration.file_name());
}

std::string findings(const ImportedFolder& folder, ImportWeight weight)
{
    std::string text;
    for (const ImportFinding& finding : folder.findings) {
        if (finding.weight == weight) {
            text += finding.location.file + ":" + std::to_string(finding.location.line) + ": " +
                    finding.what + "\n";
        }
    }
    return text;
}

bool has(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

std::vector<std::string> versions(const ImportedFolder& folder)
{
    std::vector<std::string> names;
    for (const ImportedMigration& migration : folder.migrations) {
        names.push_back(migration.version);
    }
    return names;
}

const std::string dbmate_file = "-- migrate:up\n"
                                "CREATE TABLE users (id int, name text);\n"
                                "-- for the list\n"
                                "CREATE INDEX users_name ON users (name);\n"
                                "-- migrate:down\n"
                                "DROP INDEX users_name;\nDROP TABLE users;\n";

} // namespace

TEST_CASE("a dbmate file becomes a step a statement, each with its undo")
{
    const ImportedFolder folder = imported({{"20150101120000_create_users.sql", dbmate_file}});
    CHECK(folder.tool == ImportTool::dbmate);
    CHECK(folder.findings.empty());
    REQUIRE(folder.migrations.size() == 1);
    CHECK(folder.migrations[0].file_name() == "20150101120000_create_users.toml");
    const Migration migration = parsed(folder.migrations[0]);
    CHECK(migration.summary == "create users");
    REQUIRE(migration.expand.size() == 2);
    CHECK(migration.expand[0].sql.all == "CREATE TABLE users (id int, name text)");
    CHECK(migration.expand[0].undo->all == "DROP TABLE users");
    CHECK(migration.expand[1].undo->all == "DROP INDEX users_name");
    CHECK(has(folder.migrations[0].text, "# for the list\n[[expand]]"));
}

TEST_CASE("the undo of one statement may take back several, and the other way round")
{
    const ImportedFolder fewer = imported({{"1_a.sql", "-- migrate:up\nCREATE TABLE a (i int);\n"
                                                       "CREATE INDEX a_i ON a (i);\n"
                                                       "-- migrate:down\nDROP TABLE a;\n"}});
    const Migration one = parsed(fewer.migrations[0]);
    CHECK(one.expand[0].undo->all == "DROP TABLE a");
    CHECK(one.expand[1].undo->all == "SELECT 1");
    const ImportedFolder more = imported({{"1_a.sql", "-- migrate:up\nCREATE TABLE a (i int);\n"
                                                      "-- migrate:down\nDELETE FROM b;\n"
                                                      "DROP TABLE a;\nDELETE FROM c;\n"}});
    const Migration three = parsed(more.migrations[0]);
    REQUIRE(three.expand.size() == 3);
    std::vector<std::string> order; // as rollback runs them
    for (auto step = three.expand.rbegin(); step != three.expand.rend(); ++step) {
        order.push_back(step->undo->all);
    }
    CHECK(order == std::vector<std::string>{"DELETE FROM b", "DROP TABLE a", "DELETE FROM c"});
    CHECK(three.expand[2].sql.all == "CREATE TABLE a (i int)");
}

TEST_CASE("without a way back each step says so")
{
    const ImportedFolder folder =
        imported({{"1_a.sql", "-- +goose Up\nCREATE TABLE a (i int);\nSELECT 2;\n"}});
    for (const SqlStep& step : parsed(folder.migrations[0]).expand) {
        CHECK(step.irreversible);
    }
}

TEST_CASE("environment variables of dbmate are a problem, with the line")
{
    const ImportedFolder folder = imported(
        {{"1_a.sql", "-- migrate:up transaction:false env:SCHEMA\nCREATE SCHEMA {{ .SCHEMA }};\n"
                     "-- migrate:down\n"}});
    CHECK(has(findings(folder, ImportWeight::problem), "db/1_a.sql:1: "));
    CHECK(has(findings(folder, ImportWeight::problem), "\"SCHEMA\""));
    CHECK_FALSE(folder.migrations[0].is_whole);
}

TEST_CASE("golang-migrate's files are taken by their versions as numbers")
{
    const ImportedFolder folder = imported({{"000010_b.up.sql", "CREATE TABLE b (i int)"},
                                            {"000010_b.down.sql", "DROP TABLE b"},
                                            {"2_a.up.sql", "CREATE TABLE a (i int)"},
                                            {"readme.sql", "SELECT 1"}});
    CHECK(folder.tool == ImportTool::golang_migrate);
    CHECK(versions(folder) == std::vector<std::string>{"2", "000010"});
    CHECK(parsed(folder.migrations[1]).expand[0].undo->all == "DROP TABLE b");
    CHECK(parsed(folder.migrations[0]).expand[0].irreversible);
    CHECK(has(findings(folder, ImportWeight::note), "db/readme.sql"));
    const ImportedFolder twins =
        imported({{"1_a.up.sql", "SELECT 1"}, {"01_b.up.sql", "SELECT 1"}});
    CHECK(has(findings(twins, ImportWeight::problem), "same version"));
    const ImportedFolder lone =
        imported({{"1_a.up.sql", "SELECT 1"}, {"2_b.down.sql", "SELECT 1"}});
    CHECK(has(findings(lone, ImportWeight::problem), "no file that goes up"));
}

TEST_CASE("goose's blocks stay whole; its variables and programs are problems")
{
    const ImportedFolder folder = imported(
        {{"00001_f.sql", "-- +goose NO TRANSACTION\n-- +goose Up\nCREATE TABLE a (i int);\n"
                         "-- +goose StatementBegin\nCREATE FUNCTION f() RETURNS int AS 'SELECT 1; "
                         "SELECT 2;'\nLANGUAGE sql;\n-- +goose StatementEnd\nSELECT 3;\n"
                         "-- +goose Down\nDROP FUNCTION f();\nDROP TABLE a;\n"},
         {"00002_v.sql", "-- +goose Up\n-- +goose ENVSUB ON\nCREATE TABLE ${PREFIX}_b (i int);\n"
                         "-- +goose ENVSUB OFF\nSELECT '$x';\n"},
         {"00003_p.go", ""}});
    CHECK(folder.tool == ImportTool::goose);
    const Migration first = parsed(folder.migrations[0]);
    REQUIRE(first.expand.size() == 3);
    CHECK(first.expand[1].sql.all.ends_with("LANGUAGE sql"));
    CHECK(first.expand[1].undo->all == "DROP FUNCTION f()");
    CHECK(first.expand[2].undo->all == "SELECT 1");
    const std::string problems = findings(folder, ImportWeight::problem);
    CHECK(has(problems, "db/00002_v.sql:3: takes the environment variable \"PREFIX\""));
    CHECK(has(problems, "db/00003_p.go:1: is a program in Go"));
    CHECK_FALSE(has(problems, "\"x\""));
    CHECK(folder.migrations[0].is_whole);
    CHECK_FALSE(folder.migrations[1].is_whole);
    CHECK_FALSE(folder.migrations[2].is_whole);
}

TEST_CASE("a goose file that goose itself refuses is a problem")
{
    for (const char* text : {"SELECT 1;\n-- +goose Up\nSELECT 1;\n",
                             "-- +goose Up\n-- +goose StatementBegin\nSELECT 1;\n",
                             "-- +goose Up\n-- +goose StatementEnd\n",
                             "-- +goose Up\n-- +goose Sideways\nSELECT 1;\n"}) {
        CHECK(imported({{"1_a.sql", text}}).has(ImportWeight::problem));
    }
}

TEST_CASE("versions of Flyway with points keep their order as digits")
{
    const ImportedFolder folder =
        imported({{"V1__one.sql", "CREATE TABLE a (i int);"},
                  {"V1.10__ten.sql", "SELECT 1;"},
                  {"V1_2__two.sql", "SELECT 1;"},
                  {"sub/V2__last.sql", "SELECT 1;"},
                  {"U1__one.sql", "DROP TABLE a;"},
                  {"R__views.sql", "CREATE OR REPLACE VIEW v AS SELECT 1;"},
                  {"afterMigrate.sql", "SELECT 1;"},
                  {"V1__one.sql.conf", "executeInTransaction=false\n"},
                  {"V2__last.sql.conf", "placeholderReplacement=false\n"}});
    CHECK(folder.tool == ImportTool::flyway);
    CHECK(versions(folder) == std::vector<std::string>{"100", "102", "110", "200", "201"});
    CHECK(folder.migrations[4].is_repeatable);
    CHECK(parsed(folder.migrations[0]).expand[0].undo->all == "DROP TABLE a");
    const std::string warnings = findings(folder, ImportWeight::warning);
    CHECK(has(warnings, "db/R__views.sql:1: is repeatable"));
    CHECK(has(warnings, "db/afterMigrate.sql:1: is a callback"));
    CHECK(has(warnings, "placeholderReplacement"));
    CHECK_FALSE(has(warnings, "executeInTransaction"));
    CHECK_FALSE(folder.has(ImportWeight::problem));
}

TEST_CASE("placeholders, programs and twins of Flyway are problems")
{
    const ImportedFolder folder =
        imported({{"V1__a.sql", "SELECT 1;\nCREATE TABLE ${schema}.a (i int);"},
                  {"V2__b.java", ""},
                  {"V3__c.sql", "SELECT 1;"},
                  {"V3.0__d.sql", "SELECT 1;"}});
    const std::string problems = findings(folder, ImportWeight::problem);
    CHECK(has(problems, "db/V1__a.sql:2: has the placeholder \"${schema}\""));
    CHECK(has(problems, "db/V2__b.java:1: is a program"));
    CHECK(has(problems, "has the same version as"));
}

TEST_CASE("sqitch's plan gives the order, with the earlier form of a reworked change")
{
    const ImportedFolder folder = imported(
        {{"deploy/schema.sql", "BEGIN;\nCREATE SCHEMA app;\nCOMMIT;\n"},
         {"deploy/sub/users.sql", "CREATE TABLE app.users (i int);"},
         {"deploy/sub/users@v1.sql", "CREATE TABLE app.old (i int);"},
         {"revert/schema.sql", "BEGIN;\nDROP SCHEMA app;\nCOMMIT;\n"},
         {"sqitch.plan", "%syntax-version=1.0.0\n%project=shop\n\n"
                         "schema 2024-01-01T10:00:00Z Ann <a@example.com> # the schema\n"
                         "sub/users [schema] 2024-01-02T10:00:00Z Ann <a@example.com>\n"
                         "@v1 2024-01-03T10:00:00Z Ann <a@example.com> # first\n\n"
                         "sub/users [sub/users@v1] 2024-01-04T10:00:00Z Ann <a@example.com>\n"
                         "gone 2024-01-05T10:00:00Z Ann <a@example.com>\n"},
         {"verify/schema.sql", "SELECT 1;"}});
    CHECK(folder.tool == ImportTool::sqitch);
    CHECK(versions(folder) == std::vector<std::string>{"0001", "0002", "0003", "0004"});
    CHECK(parsed(folder.migrations[0]).expand.size() == 1);
    CHECK(parsed(folder.migrations[0]).expand[0].undo->all == "DROP SCHEMA app");
    CHECK(parsed(folder.migrations[1]).expand[0].sql.all == "CREATE TABLE app.old (i int)");
    CHECK(parsed(folder.migrations[2]).expand[0].sql.all == "CREATE TABLE app.users (i int)");
    CHECK(folder.migrations[1].file_name() == "0002_sub_users.toml");
    CHECK(has(findings(folder, ImportWeight::problem), "db/sqitch.plan:9: the change \"gone\""));
    CHECK(has(findings(folder, ImportWeight::note), "verify/"));
}

TEST_CASE("psql's commands and variables in a sqitch script are problems, a cast is not")
{
    const auto problems = [](const std::string& sql) {
        return findings(imported({{"deploy/a.sql", sql},
                                  {"sqitch.plan", "%project=x\na 2024-01-01T10:00:00Z A <a@b>\n"}}),
                        ImportWeight::problem);
    };
    CHECK(has(problems("SELECT 1;\n\\ir other.sql\n"), "db/deploy/a.sql:2: "));
    CHECK(has(problems("CREATE SCHEMA :\"registry\";"), "variable of the client"));
    CHECK(has(problems("SELECT :'name';"), "variable of the client"));
    CHECK(problems("SELECT '1'::text, a[1:2], 'x :y' FROM t").empty());
}

TEST_CASE("Alembic's output is cut at its sections, and its own table left out")
{
    const std::string up =
        "BEGIN;\n\nCREATE TABLE alembic_version (\n    version_num VARCHAR(32) NOT "
        "NULL, \n    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)\n);\n\n"
        "INFO  [alembic.runtime.migration] Running upgrade  -> 1975ea83b712, a\n"
        "-- Running upgrade  -> 1975ea83b712\n\nCREATE TABLE account (\n    id int\n);\n\n"
        "INSERT INTO alembic_version (version_num) VALUES ('1975ea83b712') RETURNING "
        "alembic_version.version_num;\n\n"
        "-- Running upgrade 1975ea83b712 -> 27c6a30d7c24\n\n"
        "ALTER TABLE account ADD COLUMN n int;\n\nUPDATE alembic_version SET "
        "version_num='27c6a30d7c24' WHERE alembic_version.version_num = "
        "'1975ea83b712';\n\n"
        "-- Running upgrade 27c6a30d7c24, 1975ea83b712 -> ae1027a6acf1\n\n"
        "UPDATE alembic_version SET version_num='ae1027a6acf1';\n\nCOMMIT;\n";
    const std::string down =
        "BEGIN;\n\n-- Running downgrade 27c6a30d7c24 -> 1975ea83b712\n\n"
        "ALTER TABLE account DROP COLUMN n;\n\nUPDATE alembic_version SET "
        "version_num='1975ea83b712';\n\n"
        "-- Running downgrade 1975ea83b712 -> \n\nDROP TABLE account;\n\n"
        "DELETE FROM alembic_version;\n\nDROP TABLE alembic_version;\n\nCOMMIT;\n";
    const ImportedFolder folder = imported({{"down.sql", down}, {"up.sql", up}});
    CHECK(folder.tool == ImportTool::alembic);
    CHECK(folder.findings.empty());
    REQUIRE(folder.migrations.size() == 3);
    CHECK(folder.migrations[1].file_name() == "0002_27c6a30d7c24.toml");
    CHECK(folder.migrations[1].parents == std::vector<std::string>{"1975ea83b712"});
    CHECK(folder.migrations[2].parents.size() == 2);
    const Migration first = parsed(folder.migrations[0]);
    REQUIRE(first.expand.size() == 1);
    CHECK(first.expand[0].undo->all == "DROP TABLE account");
    CHECK(parsed(folder.migrations[1]).expand[0].undo->all == "ALTER TABLE account DROP COLUMN n");
    CHECK(parsed(folder.migrations[2]).expand[0].sql.all == "SELECT 1"); // keeps its place
}

TEST_CASE("what env.py put before the first section of Alembic is kept")
{
    const ImportedFolder folder = imported(
        {{"all.sql",
          "CREATE SCHEMA app;\n-- Running upgrade  -> a1\nCREATE TABLE app.a (i int);\n"}});
    CHECK(parsed(folder.migrations[0]).expand.size() == 2);
}

TEST_CASE("a setting of the session is a problem, a time-out is left out and said")
{
    const ImportedFolder folder =
        imported({{"1_a.up.sql", "SET statement_timeout = 0;\nSELECT 1;"},
                  {"2_b.up.sql", "SELECT 1;\nSET search_path TO app;\nCREATE TABLE a (i int);"}});
    CHECK(has(findings(folder, ImportWeight::note),
              "db/1_a.up.sql:1: \"SET statement_timeout = 0\""));
    CHECK(has(findings(folder, ImportWeight::problem),
              "db/2_b.up.sql:2: \"SET search_path TO app\""));
    CHECK(parsed(folder.migrations[0]).expand.size() == 1);
}

TEST_CASE("any text of a statement survives the file")
{
    for (const std::string text :
         {"SELECT 'a\\b \"c\" ''d'''", "SELECT '''\n''''", "INSERT INTO a VALUES ('\ttab\n\"\"\"')",
          "SELECT $$\n# not a comment\n[[expand]]\n$$", "SELECT 'ends with'\n'a quote'"}) {
        const ImportedFolder folder = imported({{"1_a.up.sql", text}, {"1_a.down.sql", text}});
        const Migration migration = parsed(folder.migrations[0]);
        CHECK(migration.expand[0].sql.all == text);
        CHECK(migration.expand[0].undo->all == text);
    }
}

TEST_CASE("what the reader would not take is told at once")
{
    const ImportedFolder big =
        imported({{"1_a.up.sql", "SELECT '" + std::string(2'000'000, 'x') + "'"}});
    CHECK(has(findings(big, ImportWeight::problem), "1 MiB"));
    CHECK_FALSE(imported({{"1_a.up.sql", "SELECT '\xFF\xFE'"}}).migrations[0].is_whole);
    CHECK_FALSE(imported({{"1_a.up.sql", "SELECT 'never closed"}}).migrations[0].is_whole);
}

TEST_CASE("versions that would sort after what is written later are numbered by their place")
{
    const ImportedFolder folder = imported(
        {{"20150101120000123_a.up.sql", "SELECT 1"}, {"20150101120000124_b.up.sql", "SELECT 1"}});
    CHECK(versions(folder) == std::vector<std::string>{"0001", "0002"});
    CHECK(has(findings(folder, ImportWeight::warning), "would sort after"));
}

TEST_CASE("the tool is told by its files; what is none of one is refused with what helps")
{
    const auto refusal = [](std::vector<ImportFile> files) {
        try {
            static_cast<void>(recognise_tool(source(std::move(files))));
        } catch (const Error& error) {
            CHECK(error.kind == ErrorKind::usage);
            return error.message + " " + error.details.hint;
        }
        return std::string("accepted");
    };
    CHECK(has(refusal({{"a.sql", "SELECT 1"}}), "sqitch.plan"));
    CHECK(has(refusal({}), "nothing in \"db\""));
    CHECK(has(refusal({{"alembic.ini", ""}, {"versions/a.py", ""}}), "alembic upgrade head --sql"));
    CHECK(has(refusal({{"1_a.sql", dbmate_file}, {"2_b.up.sql", "SELECT 1"}}), "--from dbmate"));
    CHECK_THROWS_AS(static_cast<void>(import_tool_from("gose")), Error);
    CHECK_THROWS_AS(static_cast<void>(
                        import_folder(source({{"a.sql", ""}}), ImportTool::goose, Engine::sqlite)),
                    Error);
}
