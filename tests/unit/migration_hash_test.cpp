#include "sluice/migration/reader.h"

#include <doctest/doctest.h>

#include <string>

using namespace sluice;

namespace {

const std::string original = R"toml(summary = "split"
[[change]]
kind = "rename_column"
table = "users"
from = "user_name"
to = "username"
[[expand]]
sql = { postgresql = "ALTER TABLE users ADD a text", sqlite = "ALTER TABLE users ADD a" }
undo = "ALTER TABLE users DROP a"
[[backfill]]
table = "users"
set = { a = "split(b)", c = "1" }
where = "a IS NULL"
[[verify]]
table = "users"
expect = """
a
  = split(b)"""
[[contract]]
sql = "ALTER TABLE users DROP b"
undo = false
)toml";

std::string hash(const std::string& text)
{
    return parse_migration(text, "m/1_x.toml").hash;
}

std::string with(const std::string& from, const std::string& to)
{
    std::string text = original;
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

std::string with_carriage_returns(const std::string& text)
{
    std::string result;
    for (const char c : text) {
        result += c == '\n' ? "\r\n" : std::string(1, c);
    }
    return result;
}

} // namespace

TEST_CASE("the definition is one line of JSON in the order of the phases")
{
    const Migration m = parse_migration(original, "m/1_x.toml");
    CHECK(
        m.definition ==
        R"json({"change":[{"kind":"rename_column","table":"users","from":"user_name",)json"
        R"json("to":"username"}],"expand":[{"sql":{"postgresql":"ALTER TABLE users ADD a text",)json"
        R"json("sqlite":"ALTER TABLE users ADD a"},"undo":"ALTER TABLE users DROP a"}],)json"
        R"json("backfill":[{"table":"users","set":[["a","split(b)"],["c","1"]],)json"
        R"json("where":"a IS NULL"}],"verify":[{"table":"users",)json"
        R"json("expect":"a\n  = split(b)"}],"contract":[{"sql":"ALTER TABLE users DROP b",)json"
        R"json("undo":false}]})json");
    CHECK(m.hash.size() == 32);
}

TEST_CASE("comments, formatting, key order, line ends, texts for people and tuning keep the hash")
{
    const std::string before = hash(original);
    CHECK(hash("# why\n\n" + original + "# end\n") == before);
    CHECK(hash(with_carriage_returns(original)) == before);
    CHECK(hash("\xEF\xBB\xBF" + original) == before);
    CHECK(hash(with("table = \"users\"\nfrom = \"user_name\"",
                    "from='user_name' # old\n  table  = 'users'")) == before);
    CHECK(hash(with(
              "postgresql = \"ALTER TABLE users ADD a text\", sqlite = \"ALTER TABLE users ADD a\"",
              "sqlite = \"ALTER TABLE users ADD a\", postgresql = \"ALTER TABLE users ADD a "
              "text\"")) == before);
    CHECK(hash(with("set = { a = \"split(b)\", c = \"1\" }",
                    "set.a = \"split(b)\"\nset.c = \"1\"")) == before);
    CHECK(hash(with("summary = \"split\"",
                    "summary = \"other\"\nowner = \"us\"\nrisk = \"high\"\nrto = \"5m\"")) ==
          before);
    CHECK(hash(original + "[pace]\nbatch_rows = 5\n[gate]\nsoak = \"24h\"\napprove = true\n") ==
          before);
    CHECK(parse_migration(original, "elsewhere/9_y.toml").hash == before);
}

TEST_CASE("whatever changes what is done changes the hash")
{
    const std::string before = hash(original);
    for (const auto& changed :
         {with("a IS NULL", "a IS  NULL"), with("a\n  = split", "a\n = split"),
          with("\"username\"", "\"user\""), with("DROP b", "DROP c"),
          with("undo = false\n", "undo = \"ALTER TABLE users ADD b text\"\n"),
          with("undo = false\n", ""), with("undo = \"ALTER TABLE users DROP a\"\n", ""),
          with("{ a = \"split(b)\", c = \"1\" }", "{ c = \"1\", a = \"split(b)\" }"),
          with("where = \"a IS NULL\"", "where = \"a IS NULL\"\nonce = true"),
          with("where = \"a IS NULL\"", "where = \"a IS NULL\"\nkey = [\"id\"]"),
          with("where = \"a IS NULL\"", "where = \"a IS NULL\"\ninto = \"users2\""),
          with("sqlite = ", "mysql = "), original + "[[contract]]\nsql = \"SELECT 1\"\n"}) {
        CAPTURE(changed);
        CHECK(hash(changed) != before);
    }
}

TEST_CASE("a table of a schema is another one than a table whose name holds a dot")
{
    const std::string change = "[[change]]\nkind='drop_column'\ncolumn='c'\ntable=";
    CHECK(hash(change + "'a.b'") != hash(change + "'\"a.b\"'"));
    CHECK(hash(change + "'a.b'") == hash(change + "'\"a\".b'"));
}

TEST_CASE("leaving a key out is the same as writing its default")
{
    const std::string change = "[[change]]\nkind='add_column'\ntable='t'\ncolumn='c'\ntype='int'\n";
    CHECK(hash(change) == hash(change + "nullable = true\n"));
    CHECK(hash(change) != hash(change + "nullable = false\n"));
}

TEST_CASE("the hash of a definition never changes between versions of the program")
{
    CHECK(hash("[[expand]]\nsql = \"SELECT 1\"\n") == "65b14c0ab66e5cee4f88189ec822ed9a");
}
