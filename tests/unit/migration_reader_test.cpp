#include "sluice/core/error.h"
#include "sluice/migration/reader.h"

#include <doctest/doctest.h>

#include <string>

using namespace sluice;
using namespace std::chrono_literals;

namespace {

const std::string file = "migrations/20261121093000_users_username.toml";

Migration parse(const std::string& text)
{
    return parse_migration(text, file);
}

} // namespace

TEST_CASE("the version is the digits of the file's name, the name is the rest")
{
    const Migration m = parse("[[change]]\nkind='rename_column'\ntable='t'\nfrom='a'\nto='b'\n");
    CHECK(m.version == "20261121093000");
    CHECK(m.name == "users_username");
    CHECK(m.file == file);
}

TEST_CASE("the settings of a file are read, and have defaults")
{
    const Migration plain = parse("[[expand]]\nsql = 'SELECT 1'\n");
    CHECK(plain.risk == Risk::medium);
    CHECK_FALSE(plain.rto);
    CHECK_FALSE(plain.gate.approve);
    CHECK_FALSE(plain.pace.batch_rows);
    const Migration m = parse(R"toml(
summary = "what for"
owner = "accounts"
risk = "high"
rto = "1500ms"
[[expand]]
sql = "SELECT 1"
[pace]
batch_rows = 300
batch_max = 1000
batch_time = "50ms"
duty = 1
sleep = "0s"
workers = 4
[gate]
soak = "24h"
approve = true
conditions = ["SELECT true", { postgresql = "SELECT now() > '2026-01-01'", mysql = "SELECT 1" }]
)toml");
    CHECK(m.summary == "what for");
    CHECK(m.owner == "accounts");
    CHECK(m.risk == Risk::high);
    CHECK(m.rto == 2s);
    CHECK(m.pace.batch_rows == 300);
    CHECK(m.pace.batch_max == 1000);
    CHECK(m.pace.batch_time == 50ms);
    CHECK(m.pace.duty == 1.0);
    CHECK(m.pace.sleep == 0ms);
    CHECK(m.pace.workers == 4);
    CHECK(m.gate.soak == 24h);
    CHECK(m.gate.approve);
    REQUIRE(m.gate.conditions.size() == 2);
    CHECK(m.gate.conditions[0].all == "SELECT true");
    CHECK(m.gate.conditions[1].text_for(Engine::mysql, false) == "SELECT 1");
}

TEST_CASE("add_column is read with all its keys")
{
    const Migration m = parse(R"toml(
[[change]]
kind = "add_column"
table = "billing.users"
column = "email_lower"
type = { postgresql = "text", mysql = "varchar(200)", sqlite = "TEXT" }
default = "''"
nullable = false
up = "lower(email)"
up_ok = "email IS NOT NULL"
)toml");
    REQUIRE(m.changes.size() == 1);
    CHECK(kind_name(m.changes[0]) == "add_column");
    CHECK(m.changes[0].location.display() == file + ":2:1");
    const auto& change = std::get<AddColumnChange>(m.changes[0].kind);
    CHECK(change.table == TableName{.schema = "billing", .name = "users"});
    CHECK(change.column == "email_lower");
    CHECK(change.type.text_for(Engine::sqlite, false) == "TEXT");
    CHECK(change.default_sql->all == "''");
    CHECK_FALSE(change.nullable);
    CHECK(change.up->all == "lower(email)");
    CHECK(change.up_ok->all == "email IS NOT NULL");
}

TEST_CASE("rename_column is read")
{
    const Migration m =
        parse("[[change]]\nkind = 'rename_column'\ntable = 'users'\nfrom = 'a'\nto = 'b'\n");
    const auto& change = std::get<RenameColumnChange>(m.changes.at(0).kind);
    CHECK(change.table.name == "users");
    CHECK(change.from == "a");
    CHECK(change.to == "b");
}

TEST_CASE("change_column is read with all its keys, and knows what was not given")
{
    const Migration m = parse(R"toml(
[[change]]
kind = "change_column"
table = "invoices"
column = "total"
type = "numeric(12,4)"
nullable = true
default = "0"
up = "total * 100"
down = "total / 100"
up_ok = "total > 0"
down_ok = "total < 10"
[[change]]
kind = "change_column"
table = "invoices"
column = "note"
nullable = false
)toml");
    const auto& full = std::get<ChangeColumnChange>(m.changes.at(0).kind);
    CHECK(full.type->all == "numeric(12,4)");
    CHECK(full.nullable == true);
    CHECK(full.default_sql->all == "0");
    CHECK(full.up->all == "total * 100");
    CHECK(full.down->all == "total / 100");
    CHECK(full.up_ok->all == "total > 0");
    CHECK(full.down_ok->all == "total < 10");
    const auto& lean = std::get<ChangeColumnChange>(m.changes.at(1).kind);
    CHECK_FALSE(lean.type);
    CHECK(lean.nullable == false);
    CHECK_FALSE(lean.default_sql);
    CHECK_FALSE(lean.up);
}

TEST_CASE("drop_column is read with all its keys")
{
    const Migration m = parse("[[change]]\nkind = 'drop_column'\ntable = 'users'\ncolumn = 'fax'\n"
                              "down = \"''\"\ndown_ok = 'true'\nundo_fill = \"'-'\"\n");
    const auto& change = std::get<DropColumnChange>(m.changes.at(0).kind);
    CHECK(change.column == "fax");
    CHECK(change.down->all == "''");
    CHECK(change.down_ok->all == "true");
    CHECK(change.undo_fill->all == "'-'");
}

TEST_CASE("written-out phases keep their order and their white space")
{
    const Migration m = parse(R"toml(
[[expand]]
sql = "first"
undo = "back"
[[contract]]
sql = "third"
undo = false
[[expand]]
sql = """
second
  line"""
done = "SELECT 1"
)toml");
    REQUIRE(m.expand.size() == 2);
    CHECK(m.expand[0].sql.all == "first");
    CHECK(m.expand[0].undo->all == "back");
    CHECK_FALSE(m.expand[0].irreversible);
    CHECK_FALSE(m.expand[0].done);
    CHECK(m.expand[1].sql.all == "second\n  line");
    CHECK(m.expand[1].done->all == "SELECT 1");
    CHECK_FALSE(m.expand[1].undo);
    CHECK_FALSE(m.expand[1].irreversible);
    REQUIRE(m.contract.size() == 1);
    CHECK(m.contract[0].irreversible);
    CHECK_FALSE(m.contract[0].undo);
    CHECK(m.contract[0].location.line == 5);
}

TEST_CASE("the three forms of a backfill are read")
{
    const Migration m = parse(R"toml(
[[backfill]]
table = "users"
key = ["tenant", "id"]
set = { z = "1", a = { postgresql = "x", sqlite = "y" } }
where = "z IS NULL"
[[backfill]]
table = "users"
into = "archive.users"
set = { id = "id" }
[[backfill]]
table = "events"
delete = true
where = "at < '2020-01-01'"
[[backfill]]
table = "users"
set.n = "n + 1"
once = true
)toml");
    REQUIRE(m.backfills.size() == 4);
    const BackfillStep& set = m.backfills[0];
    CHECK(set.kind == BackfillKind::set);
    CHECK(set.key == std::vector<std::string>{"tenant", "id"});
    REQUIRE(set.set.size() == 2);
    CHECK(set.set[0].first == "z"); // the order of the file, not of the alphabet
    CHECK(set.set[1].first == "a");
    CHECK(set.set[1].second.text_for(Engine::sqlite, false) == "y");
    CHECK(set.where->all == "z IS NULL");
    CHECK(m.backfills[1].kind == BackfillKind::into);
    CHECK(m.backfills[1].into == TableName{.schema = "archive", .name = "users"});
    CHECK(m.backfills[2].kind == BackfillKind::remove);
    CHECK(m.backfills[2].set.empty());
    CHECK(m.backfills[3].once);
}

TEST_CASE("a verification is read")
{
    const Migration m =
        parse("[[verify]]\ntable = 'users'\nkey = ['id']\nexpect = 'a IS NOT NULL'\n");
    REQUIRE(m.verifications.size() == 1);
    CHECK(m.verifications[0].table.name == "users");
    CHECK(m.verifications[0].key == std::vector<std::string>{"id"});
    CHECK(m.verifications[0].expect.all == "a IS NOT NULL");
}

TEST_CASE("a text by engine falls back from mariadb to mysql, and to nothing else")
{
    const EngineText text{.all = "", .by_engine = {{"mysql", "m"}, {"sqlite", "s"}}};
    CHECK(text.text_for(Engine::mysql, true) == "m");
    CHECK(text.text_for(Engine::mysql, false) == "m");
    CHECK(text.text_for(Engine::sqlite, false) == "s");
    CHECK_FALSE(text.text_for(Engine::postgresql, false));
    const EngineText own{.all = "", .by_engine = {{"mariadb", "a"}, {"mysql", "m"}}};
    CHECK(own.text_for(Engine::mysql, true) == "a");
    CHECK(own.text_for(Engine::mysql, false) == "m");
    const EngineText only{.all = "", .by_engine = {{"mariadb", "a"}}};
    CHECK_FALSE(only.text_for(Engine::mysql, false));
    const EngineText all{.all = "x", .by_engine = {}};
    CHECK(all.text_for(Engine::postgresql, false) == "x");
}

TEST_CASE("a byte order mark and line ends of another system are accepted")
{
    const Migration m =
        parse("\xEF\xBB\xBF[[expand]]\r\nsql = \"a\"\r\n[[expand]]\r\nsql = \"b\"\r\n");
    CHECK(m.expand.size() == 2);
    CHECK(m.expand[1].location.line == 3);
}
