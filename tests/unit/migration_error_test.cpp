#include "sluice/core/error.h"
#include "sluice/migration/reader.h"

#include <doctest/doctest.h>

#include <string>

using namespace sluice;

namespace {

const std::string renaming = "[[change]]\nkind = \"rename_column\"\ntable = \"users\"\n"
                             "from = \"a\"\nto = \"b\"\n";

Error failure(const std::string& text, const std::string& file = "m/1_x.toml")
{
    try {
        static_cast<void>(parse_migration(text, file));
    } catch (const Error& error) {
        return error;
    }
    return {ErrorKind::internal, "accepted"};
}

void check_failure(const std::string& text, const std::string& message, const std::string& hint)
{
    CAPTURE(text);
    const Error error = failure(text);
    CHECK(error.kind == ErrorKind::definition);
    CHECK(error.message == message);
    CHECK_MESSAGE(error.details.hint.find(hint) != std::string::npos, error.details.hint);
}

} // namespace

TEST_CASE("an unknown key is told with its place and the nearest known one")
{
    check_failure("[[change]]\nkind = \"rename_column\"\n  tabel = \"users\"\nfrom = \"a\"\n",
                  "m/1_x.toml:3:3: unknown key \"tabel\" in [[change]]",
                  "Did you mean \"table\"? rename_column takes kind, table, from and to");
    check_failure("sumary = \"x\"\n" + renaming, "m/1_x.toml:1:1: unknown key \"sumary\"",
                  "Did you mean \"summary\"? a migration file takes summary, owner,");
    check_failure(renaming + "[pace]\nbatchrows = 5\n",
                  "m/1_x.toml:7:1: unknown key \"batchrows\" in [pace]",
                  "Did you mean \"batch_rows\"?");
    check_failure(renaming + "[gate]\nsoke = \"1h\"\n",
                  "m/1_x.toml:7:1: unknown key \"soke\" in [gate]", "Did you mean \"soak\"?");
    check_failure("[[expand]]\nsql = { postgres = \"x\" }\n",
                  "m/1_x.toml:2:9: unknown key \"postgres\" in \"sql\"",
                  "Did you mean \"postgresql\"?");
}

TEST_CASE("a key that is far from any known one gets no guess")
{
    const Error error = failure("[[expand]]\nsql = \"x\"\nquantity = 1\n");
    CHECK(error.message == "m/1_x.toml:3:1: unknown key \"quantity\" in [[expand]]");
    CHECK(error.details.hint == "[[expand]] takes sql, undo and done.");
}

TEST_CASE("a key of another kind of change is unknown in this one")
{
    check_failure("[[change]]\nkind = \"drop_column\"\ntable = \"t\"\ncolumn = \"c\"\nup = \"1\"\n",
                  "m/1_x.toml:5:1: unknown key \"up\" in [[change]]",
                  "drop_column takes kind, table, column, down, down_ok and undo_fill");
}

TEST_CASE("an unknown or missing kind is told with the kinds there are")
{
    check_failure("[[change]]\nkind = \"rename_colum\"\n",
                  "m/1_x.toml:2:1: unknown kind \"rename_colum\"",
                  "Did you mean \"rename_column\"? The kinds are add_column, rename_column, "
                  "change_column, drop_column, ");
    check_failure("\n[[change]]\ntable = \"t\"\n", "m/1_x.toml:2:1: [[change]] has no \"kind\"",
                  "Add kind = ");
}

TEST_CASE("a missing key is told with the place of its section")
{
    check_failure("[[change]]\nkind = \"rename_column\"\ntable = \"t\"\nfrom = \"a\"\n",
                  "m/1_x.toml:1:1: [[change]] has no \"to\"", "Add to = ");
    check_failure(renaming + "[[expand]]\nundo = \"x\"\n",
                  "m/1_x.toml:6:1: [[expand]] has no \"sql\"", "Add sql = ");
    check_failure("[[verify]]\ntable = \"t\"\n", "m/1_x.toml:1:1: [[verify]] has no \"expect\"",
                  "Add expect = ");
}

TEST_CASE("a wrong type says what was expected and what was found")
{
    check_failure("[[change]]\nkind = 5\n",
                  "m/1_x.toml:2:8: \"kind\": expected a text, found an "
                  "integer",
                  "");
    check_failure("[[expand]]\nsql = [\"a\"]\n",
                  "m/1_x.toml:2:7: \"sql\": expected SQL text, or a table of SQL text by engine, "
                  "found a list",
                  "Write sql = ");
    check_failure("[[expand]]\nsql = { sqlite = 1 }\n",
                  "m/1_x.toml:2:18: \"sql.sqlite\": expected a text, found an integer", "");
    check_failure(renaming + "[gate]\napprove = \"yes\"\n",
                  "m/1_x.toml:7:11: \"approve\": expected true or false, found a text", "");
    check_failure(renaming + "[pace]\nbatch_rows = 1.5\n",
                  "m/1_x.toml:7:14: \"batch_rows\": expected an integer, found a number with a "
                  "fraction",
                  "");
    check_failure(renaming + "[gate]\nsoak = 24\n",
                  "m/1_x.toml:7:8: \"soak\": expected a duration, found an integer",
                  "in quotes: \"10ms\"");
    check_failure("[[verify]]\ntable = \"t\"\nkey = \"id\"\nexpect = \"x\"\n",
                  "m/1_x.toml:3:7: \"key\": expected a list of names, found a text",
                  "Write key = [");
    check_failure("[[backfill]]\ntable = \"t\"\nset = \"a = 1\"\n",
                  "m/1_x.toml:3:7: \"set\": expected a table of columns, found a text",
                  "Write set = {");
    check_failure("[[change]]\nkind=\"add_column\"\ntable=\"t\"\ncolumn=\"c\"\ntype=\"int\"\n"
                  "nullable=2026-11-21\n",
                  "m/1_x.toml:6:10: \"nullable\": expected true or false, found a date or time",
                  "");
}

TEST_CASE("one table where a list of tables belongs is refused, and the reverse")
{
    check_failure("[expand]\nsql = \"x\"\n",
                  "m/1_x.toml:1:2: [expand] is one table where the list [[expand]] belongs",
                  "Write [[expand]], once for each.");
    check_failure("[change]\nkind = \"x\"\n",
                  "m/1_x.toml:1:2: [change] is one table where the list [[change]] belongs", "");
    check_failure(renaming + "[[pace]]\nbatch_rows = 5\n",
                  "m/1_x.toml:6:3: [[pace]] is a list where the table [pace] belongs",
                  "Write [pace], once.");
    check_failure("change = \"rename\"\n",
                  "m/1_x.toml:1:10: \"change\": expected the list [[change]], found a text", "");
    check_failure("expand = [\"ALTER TABLE\"]\n",
                  "m/1_x.toml:1:11: \"expand\": expected a table, found a text", "");
    check_failure(renaming + "[expand.x]\n",
                  "m/1_x.toml:6:2: [expand] is one table where the list [[expand]] belongs", "");
    check_failure("gate = 5\n" + renaming,
                  "m/1_x.toml:1:8: \"gate\": expected the table [gate], found an integer", "");
}

TEST_CASE("a file without anything to do is refused")
{
    check_failure("", "m/1_x.toml: the file is empty", "sluice new");
    check_failure(" \r\n\t\n", "m/1_x.toml: the file is empty", "");
    check_failure("\xEF\xBB\xBF", "m/1_x.toml: the file is empty", "");
    check_failure("# later\n# more\n", "m/1_x.toml: the file holds only comments", "");
    check_failure("summary = \"x\"\n[gate]\napprove = true\n",
                  "m/1_x.toml: the file has nothing to do: no [[change]], and no phase written out",
                  "sluice new");
    check_failure("expand = []\n",
                  "m/1_x.toml: the file has nothing to do: no [[change]], and no phase written out",
                  "");
}

TEST_CASE("a file that is not UTF-8 or not TOML is refused with the place")
{
    check_failure("# caf\xE9\n" + renaming, "m/1_x.toml:1:5: the file is not UTF-8 text", "iconv");
    check_failure("summary = \"caf\xE9\"\n", "m/1_x.toml:1:14: the file is not UTF-8 text",
                  "iconv");
    const Error error = failure("[[change]\nkind = \"x\"\n");
    CHECK(error.kind == ErrorKind::definition);
    CHECK(error.message.starts_with("m/1_x.toml:1:10: not valid TOML: "));
    CHECK(failure("a = 1\na = 2\n").message.starts_with("m/1_x.toml:2:5: not valid TOML: "));
}

TEST_CASE("a file that is too large is refused")
{
    check_failure(renaming + "#" + std::string(1024 * 1024, 'x'),
                  "m/1_x.toml: the file is larger than 1 MiB", "[[backfill]]");
}

TEST_CASE("names that no database takes are refused")
{
    check_failure("[[change]]\nkind=\"drop_column\"\ntable=\"\"\ncolumn=\"c\"\n",
                  "m/1_x.toml:3:1: \"table\" is empty", "");
    check_failure("[[change]]\nkind=\"drop_column\"\ntable=\"t\"\ncolumn=\"\"\n",
                  "m/1_x.toml:4:1: \"column\" is empty", "");
    check_failure("[[change]]\nkind=\"drop_column\"\ntable=\"t\"\ncolumn=\"a\\u0000b\"\n",
                  "m/1_x.toml:4:8: \"column\" holds the character U+0000", "");
    check_failure("[[change]]\nkind=\"drop_column\"\ntable=\"a..b\"\ncolumn=\"c\"\n",
                  "m/1_x.toml:3:1: \"a..b\" is not the name of a table: a part of it is empty",
                  "billing.users");
    check_failure("[[backfill]]\ntable=\"t\"\nset={\"\"=\"1\"}\nwhere=\"x\"\n",
                  "m/1_x.toml:3:6: a column in \"set\" has no usable name", "");
    check_failure("[[verify]]\ntable=\"t\"\nkey=[\"a\",\"\"]\nexpect=\"x\"\n",
                  "m/1_x.toml:3:10: an empty name in \"key\"", "");
    check_failure("[[verify]]\ntable=\"t\"\nkey=[\"a\",\"a\"]\nexpect=\"x\"\n",
                  "m/1_x.toml:3:10: \"a\" twice in \"key\"", "");
    check_failure("[[verify]]\ntable=\"t\"\nkey=[]\nexpect=\"x\"\n",
                  "m/1_x.toml:3:1: \"key\" is an empty list", "");
}

TEST_CASE("empty SQL is refused")
{
    check_failure("[[expand]]\nsql = \"  \"\n", "m/1_x.toml:2:7: \"sql\" is empty", "");
    check_failure("[[expand]]\nsql = { mysql = \"\" }\n", "m/1_x.toml:2:17: \"sql.mysql\" is empty",
                  "");
    check_failure("[[expand]]\nsql = {}\n", "m/1_x.toml:2:1: \"sql\" is an empty table",
                  "postgresql, mysql, mariadb and sqlite");
    check_failure("[[expand]]\nsql = \"a\\u0000\"\n",
                  "m/1_x.toml:2:7: \"sql\" holds the character U+0000", "");
}

TEST_CASE("a backfill must say what tells a row that is done")
{
    check_failure("[[backfill]]\ntable=\"t\"\nset={n=\"n + 1\"}\n",
                  "m/1_x.toml:1:1: a backfill with \"set\" has neither \"where\" nor \"once = "
                  "true\": nothing tells a row that is done from one that is not",
                  "once = true");
    check_failure("[[backfill]]\ntable=\"t\"\nset={n=\"n + 1\"}\nonce=false\n",
                  "m/1_x.toml:1:1: a backfill with \"set\" has neither \"where\" nor \"once = "
                  "true\": nothing tells a row that is done from one that is not",
                  "");
    check_failure("[[backfill]]\ntable=\"t\"\ndelete=true\n",
                  "m/1_x.toml:1:1: a backfill with \"delete\" has no \"where\"", "which rows");
}

TEST_CASE("a backfill has exactly one form")
{
    check_failure("[[backfill]]\ntable=\"t\"\ndelete=true\nwhere=\"x\"\nset={a=\"1\"}\n",
                  "m/1_x.toml:5:1: both \"delete\" and \"set\"", "");
    check_failure("[[backfill]]\ntable=\"t\"\ndelete=true\nwhere=\"x\"\ninto=\"u\"\n",
                  "m/1_x.toml:5:1: both \"delete\" and \"into\"", "");
    check_failure("[[backfill]]\ntable=\"t\"\nwhere=\"x\"\n",
                  "m/1_x.toml:1:1: [[backfill]] says neither \"set\" nor \"delete\"", "set = {");
    check_failure("[[backfill]]\ntable=\"t\"\ninto=\"u\"\n",
                  "m/1_x.toml:1:1: [[backfill]] has \"into\" without \"set\"", "");
    check_failure("[[backfill]]\ntable=\"t\"\nset={}\nwhere=\"x\"\n",
                  "m/1_x.toml:3:1: \"set\" is empty", "");
    check_failure("[[backfill]]\ntable=\"t\"\ninto=\"u\"\nset={a=\"1\"}\nonce=true\n",
                  "m/1_x.toml:5:1: \"once\" belongs to a backfill that updates rows in place", "");
    check_failure("[[backfill]]\ntable=\"t\"\nkey=[\"a\"]\nset={a=\"1\"}\nwhere=\"x\"\n",
                  "m/1_x.toml:4:1: \"set\" writes the key column \"a\"", "");
}

TEST_CASE("a conversion's parts belong together")
{
    const std::string change = "[[change]]\nkind=\"change_column\"\ntable=\"t\"\ncolumn=\"c\"\n";
    check_failure(change, "m/1_x.toml:1:1: [[change]] of kind \"change_column\" changes nothing",
                  "a new type");
    check_failure(change + "type=\"int\"\nup_ok=\"x\"\n",
                  "m/1_x.toml:6:1: \"up_ok\" without \"up\"", "");
    check_failure(change + "type=\"int\"\ndown_ok=\"x\"\n",
                  "m/1_x.toml:6:1: \"down_ok\" without \"down\"", "");
    check_failure(change + "nullable=true\nup=\"x\"\n",
                  "m/1_x.toml:6:1: \"up\" without anything to convert", "");
    check_failure(change + "nullable=false\ndown=\"x\"\n",
                  "m/1_x.toml:6:1: \"down\" without anything to convert", "");
    check_failure("[[change]]\nkind=\"rename_column\"\ntable=\"t\"\nfrom=\"a\"\nto=\"a\"\n",
                  "m/1_x.toml:5:1: \"from\" and \"to\" are both \"a\"", "");
    CHECK(failure(change + "nullable=false\nup=\"coalesce(c, 0)\"\n").message == "accepted");
}

TEST_CASE("one column is changed once in a file")
{
    check_failure(renaming + "[[change]]\nkind=\"drop_column\"\ntable=\"users\"\ncolumn=\"b\"\n",
                  "m/1_x.toml:6:1: column \"b\" of table \"users\" is changed twice, first by the "
                  "[[change]] in line 1",
                  "migration of its own");
    CHECK(failure(renaming + "[[change]]\nkind=\"drop_column\"\ntable=\"other\"\ncolumn=\"b\"\n")
              .message == "accepted");
}

TEST_CASE("undo is SQL or false")
{
    check_failure("[[expand]]\nsql=\"x\"\nundo=true\n",
                  "m/1_x.toml:3:1: \"undo\": expected SQL text or false, found true",
                  "undo = false");
}

TEST_CASE("numbers and durations out of their range are refused")
{
    check_failure(renaming + "[pace]\nbatch_rows = 0\n",
                  "m/1_x.toml:7:1: \"batch_rows\" is 0, expected 1 or more", "");
    check_failure(renaming + "[pace]\nbatch_rows = 5\nbatch_max = 4\n",
                  "m/1_x.toml:7:1: \"batch_rows\" is 5, above \"batch_max\", which is 4", "");
    check_failure(renaming + "[pace]\nduty = 1.5\n",
                  "m/1_x.toml:7:1: \"duty\" is 1.5, expected a number above 0, at most 1", "");
    check_failure(renaming + "[pace]\nduty = nan\n",
                  "m/1_x.toml:7:1: \"duty\" is nan, expected a number above 0, at most 1", "");
    check_failure(renaming + "[pace]\nworkers = 5000\n",
                  "m/1_x.toml:7:1: \"workers\" is 5000, expected 1 to 1000", "");
    check_failure(renaming + "[gate]\nsoak = \"soon\"\n",
                  "m/1_x.toml:7:1: \"soak\": expected a duration such as \"10ms\", \"2s\", \"5m\", "
                  "\"24h\" or \"7d\", found \"soon\"",
                  "");
    check_failure("risk = \"hihg\"\n" + renaming, "m/1_x.toml:1:1: unknown risk \"hihg\"",
                  "Did you mean \"high\"? Write \"low\", \"medium\" or \"high\".");
    check_failure("summary = \"two\\nlines\"\n" + renaming,
                  "m/1_x.toml:1:1: \"summary\" is more than one line of text", "");
}

TEST_CASE("the name of a file must begin with a version and go on with a name")
{
    const auto message = [](const std::string& file) { return failure(renaming, file).message; };
    CHECK(message("m/users.toml") ==
          "m/users.toml: the name of the file does not begin with a version");
    CHECK(message("m/12.toml") == "m/12.toml: the version 12 is not followed by \"_\" and a name");
    CHECK(message("m/12_.toml") ==
          "m/12_.toml: the version 12 is not followed by \"_\" and a name");
    CHECK(message("m/12-a.toml") ==
          "m/12-a.toml: the version 12 is not followed by \"_\" and a name");
    CHECK(message("m/12_a b.toml") == "m/12_a b.toml: the name after the version has characters "
                                      "other than letters, digits, \"_\", \"-\" and \".\"");
    CHECK(message("m/12_a.sql") == "m/12_a.sql: the name of a migration file ends in \".toml\"");
    CHECK(message("m/" + std::string(33, '1') + "_a.toml")
              .ends_with("the version has 33 digits, 32 is the most"));
    CHECK(message("m/0012_a-b.c_D.toml") == "accepted");
}

TEST_CASE("a split and a merge are told what they lack")
{
    const std::string split = "[[change]]\nkind = \"split_column\"\ntable = \"t\"\ncolumn = \"a\"\n"
                              "down = \"b\"\n";
    const std::string part = "{ name = \"b\", type = \"text\", up = \"a\" }";
    check_failure(
        split + "into = [" + part + "]\n",
        "m/1_x.toml:1:1: [[change]] of kind \"split_column\" has no two columns in \"into\"",
        "rename_column or a change_column");
    check_failure(split + "into = [" + part + ", { name = \"c\", type = \"text\" }]\n",
                  "m/1_x.toml:6:50: [[into]] has no \"up\"", "Add up = ");
    check_failure(split + "into = [" + part + ", " + part + "]\n",
                  "m/1_x.toml:1:1: column \"b\" of table \"t\" is changed twice, first by the "
                  "[[change]] in line 1",
                  "migration of its own");
    const std::string merge = "[[change]]\nkind = \"merge_columns\"\ntable = \"t\"\n"
                              "downs = { a = \"c\", b = \"c\" }\n";
    check_failure(merge + "columns = [\"a\"]\ninto = " + part + "\n",
                  "m/1_x.toml:1:1: [[change]] of kind \"merge_columns\" has no two \"columns\"",
                  "renamed or changed");
    check_failure(merge + "columns = [\"a\", \"b\"]\n",
                  "m/1_x.toml:1:1: [[change]] has no \"into\"", "Write into = {");
}
