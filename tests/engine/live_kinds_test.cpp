// The kinds of change after which an application reads and writes what it did before: its writes go
// on at full speed through the whole life of each, with no error, and nothing of them is lost.

#include "sluice/migration/reader.h"
#include "sluice/run/runner.h"
#include "support/life.h"
#include "support/traffic.h"

#include <doctest/doctest.h>

using namespace sluice;
using test::Client;
using test::Deployed;

namespace {

/// What becomes of a contract while the clients write.
enum class Undone { too, never };

struct Kind {
    std::string file;
    std::string setup = {}; ///< of what the application does not write
    Undone undone = Undone::too;
};

const test::Place name_column{.column = "user_name"};

const test::Application& application()
{
    static const test::Application same_throughout{
        .old_columns = {name_column},
        .new_columns = {name_column},
        .first_value = [](long long id) { return "Name" + std::to_string(id); },
        .next_value =
            [](unsigned random) {
                return "N" + std::to_string(random) + (random % 3 == 0 ? "é" : "");
            }};
    return same_throughout;
}

std::string change(const std::string& kind, const std::string& rest)
{
    return "[[change]]\nkind = \"" + kind + "\"\ntable = \"users\"\n" + rest +
           "[pace]\nbatch_rows = 100\nsleep = \"1ms\"\n";
}

std::vector<Table> tables_of(const test::TestDatabase& database)
{
    Session session = database.open();
    return read_catalog(session).tables;
}

/// There and back, there, contracted, brought back, contracted, purged; the clients write all the
/// time, and some more before and after each step.
void live_under_traffic(const Kind& kind)
{
    const unsigned seed = std::random_device{}();
    CAPTURE(seed);
    CAPTURE(kind.file);
    const test::TestDatabase database;
    test::fill_users(database, name_column.column, application());
    if (!kind.setup.empty()) {
        database.run(kind.setup);
    }
    const std::vector<Table> before = tables_of(database);
    const std::vector<Migration> migrations = {
        parse_migration(kind.file, "20260101000000_users.toml")};
    SystemClock clock;
    test::Failures listener;
    Runner runner(database.connect(), clock, listener, std::stop_token{}, migrations,
                  {.actor = current_actor(), .lock_attempts = 60});
    Client one(database, application(), 0, seed);
    Client two(database, application(), 1, seed + 1);
    const std::vector<Client*> clients = {&one, &two};
    const auto beside_writers = [&](auto step) {
        test::with_traffic(clients, Deployed::both,
                           [&] { CHECK_MESSAGE(step() == RunEnd::done, listener.text()); });
        test::check_ledgers(database, clients, {name_column});
    };
    const Migration& migration = migrations[0];

    beside_writers([&] { return runner.expand(migration); });
    beside_writers([&] { return runner.rollback(migration); });
    test::check_same_tables(before, tables_of(database));
    beside_writers([&] { return runner.expand(migration); });
    beside_writers([&] { return runner.migrate(migration); });
    beside_writers([&] { return runner.contract(migration); });
    if (kind.undone == Undone::too) {
        beside_writers([&] { return runner.rollback(migration); });
        beside_writers([&] { return runner.contract(migration); });
    }
    beside_writers([&] { return runner.purge(migration); });
}

const char* const spare = "ALTER TABLE users ADD COLUMN spare int DEFAULT 7;";

} // namespace

TEST_CASE("nothing that an application writes is lost while a column is added")
{
    live_under_traffic({change("add_column", "column = \"mark\"\ntype = \"varchar(10)\"\n"
                                             "nullable = false\ndefault = \"'none'\"\n")});
    // From contract on it is the application that fills the column: this one does not.
    live_under_traffic({change("add_column", "column = \"lower_name\"\ntype = \"varchar(60)\"\n"
                                             "up = \"lower(user_name)\"\n"),
                        "", Undone::never});
}

TEST_CASE("nothing that an application writes is lost while another column is dropped")
{
    live_under_traffic({change("drop_column", "column = \"spare\"\n"), spare});
    live_under_traffic({change("drop_column", "column = \"spare\"\ndown = \"id % 10\"\n"),
                        "ALTER TABLE users ADD COLUMN spare bigint DEFAULT 7;"});
}

TEST_CASE("nothing that an application writes is lost while NOT NULL comes and goes")
{
    live_under_traffic({change("set_not_null", "column = \"note\"\n")});
    live_under_traffic({change("drop_not_null", "column = \"user_name\"\n")});
}

TEST_CASE("nothing that an application writes is lost while a default changes")
{
    live_under_traffic({change("change_column", "column = \"spare\"\ndefault = \"8\"\n"), spare});
}

TEST_CASE("nothing that an application writes is lost while indexes come and go")
{
    live_under_traffic(
        {change("add_index", "name = \"users_name\"\ncolumns = [\"user_name DESC\"]\n")});
    live_under_traffic({change("drop_index", "name = \"users_note\"\n"),
                        "CREATE INDEX users_note ON users (note);"});
    live_under_traffic(
        {change("add_unique", "name = \"users_names\"\ncolumns = [\"id\", \"user_name\"]\n")});
}

TEST_CASE("nothing that an application writes is lost while a check comes and goes")
{
    if (test::engine() == Engine::mysql) {
        return; // refused there
    }
    const std::string checked = test::by_engine(
        "ALTER TABLE users ADD COLUMN spare int DEFAULT 7; ALTER TABLE users ADD CONSTRAINT "
        "users_spare CHECK (spare > 0);",
        "",
        "ALTER TABLE users ADD COLUMN spare int DEFAULT 7 CONSTRAINT users_spare CHECK (spare > "
        "0);");
    live_under_traffic(
        {change("add_check", "name = \"users_named\"\ncheck = \"length(user_name) > 0\"\n")});
    live_under_traffic({change("drop_constraint", "name = \"users_spare\"\n"), checked});
    live_under_traffic(
        {change("rename_constraint", "from = \"users_spare\"\nto = \"users_size\"\n"), checked});
}

TEST_CASE("nothing that an application writes is lost while a foreign key comes and goes")
{
    const std::string sizes = "CREATE TABLE sizes (id int PRIMARY KEY); INSERT INTO sizes VALUES "
                              "(7);";
    const std::string column = "ALTER TABLE users ADD COLUMN spare int DEFAULT 7;";
    const std::string key = test::by_engine(
        column + "ALTER TABLE users ADD CONSTRAINT users_size FOREIGN KEY (spare) REFERENCES sizes "
                 "(id);",
        column + "ALTER TABLE users ADD CONSTRAINT users_size FOREIGN KEY (spare) REFERENCES sizes "
                 "(id);",
        "ALTER TABLE users ADD COLUMN spare int CONSTRAINT users_size REFERENCES sizes (id);");
    live_under_traffic({change("add_foreign_key", "name = \"users_size\"\ncolumns = [\"spare\"]\n"
                                                  "references = \"sizes\"\n"),
                        sizes + column});
    live_under_traffic({change("drop_constraint", "name = \"users_size\"\n"), sizes + key});
    live_under_traffic(
        {change("rename_constraint", "from = \"users_size\"\nto = \"users_of_size\"\n"),
         sizes + key});
}

TEST_CASE("nothing that an application writes is lost while other tables come and go")
{
    live_under_traffic(
        {"[[change]]\nkind = \"create_table\"\ntable = \"invoices\"\nprimary_key = [\"id\"]\n"
         "columns = [{ name = \"id\", type = \"bigint\" }, { name = \"total\", type = \"int\" "
         "}]\n"});
    live_under_traffic({"[[change]]\nkind = \"drop_table\"\ntable = \"invoices\"\n",
                        "CREATE TABLE invoices (id int PRIMARY KEY, total int);"});
}
