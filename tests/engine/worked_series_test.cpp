// The migrations of the repository's own folder, from the first to the last and all the way back.

#include "sluice/migration/folder.h"
#include "sluice/run/runner.h"
#include "support/database.h"

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

using namespace sluice;

namespace {

class Silence final : public Listener {
public:
    void on(const Event&) override {}
};

std::string shop()
{
    std::ifstream file(SLUICE_SOURCE_DIR "/migrations/shop.sql");
    std::ostringstream text;
    text << file.rdbuf();
    text << "\nINSERT INTO customers VALUES"
            " (1, 'anna', 'Anna Maria Müller', 'anna@example.com', NULL, 'Österreich', '', "
            "'2020-01-01'),"
            " (2, 'bo', 'Bo', NULL, 'Bo''s', NULL, '+45 1', '2020-01-02'),"
            " (3, 'chen', '', NULL, NULL, 'China', '', '2020-01-03'),"
            " (4, 'dora', NULL, NULL, NULL, NULL, '', '2020-01-04'),"
            " (5, 'emil', 'Emil  Zwei', NULL, NULL, NULL, '+49 5', '2020-01-05');"
            "\nINSERT INTO invoices VALUES (1, 1, 12.34, '2026-01-01'), (2, 5, -0.01, "
            "'2026-01-02');"
            "\nINSERT INTO playlist_track VALUES (1, 1, NULL), (1, 2, 7), (2, 1, NULL);\n";
    return text.str();
}

struct Shop {
    test::TestDatabase database;
    std::vector<Migration> series = read_folder(SLUICE_SOURCE_DIR "/migrations");
    SystemClock clock;
    Silence listener;

    Shop() { database.run(shop()); }

    Runner runner()
    {
        RunnerOptions options{.actor = current_actor()};
        options.pace.sleep = std::chrono::milliseconds(0);
        return {database.connect(), clock, listener, {}, series, options};
    }

    [[nodiscard]] Catalog tables() const
    {
        Session session = database.open();
        return read_catalog(session);
    }
};

std::string states(const Shop& shop)
{
    Session session = shop.database.open();
    std::string text;
    for (const MigrationStatus& status : read_status(session, shop.series)) {
        text += std::string(name_of(status.state)) + " ";
    }
    return text;
}

} // namespace

TEST_CASE("the worked series is applied and contracted, and its rows are right")
{
    Shop shop;
    REQUIRE(shop.runner().apply() == RunEnd::done);
    for (const Migration& migration : shop.series) {
        CAPTURE(migration.name);
        REQUIRE(shop.runner().contract(migration) == RunEnd::done);
    }
    CHECK(states(shop) == "contracted contracted contracted contracted contracted contracted ");
    const test::TestDatabase& database = shop.database;
    CHECK(database.value("SELECT username FROM customers WHERE id = 1") == "anna");
    CHECK(database.value("SELECT locale FROM customers WHERE id = 4") == "en");
    CHECK(database.value("SELECT first_name FROM customers WHERE id = 1") == "Anna");
    CHECK(database.value("SELECT last_name FROM customers WHERE id = 1") == "Maria Müller");
    CHECK(database.value("SELECT last_name FROM customers WHERE id = 2").empty());
    CHECK(database.value("SELECT first_name FROM customers WHERE id = 3").empty());
    CHECK(database.value("SELECT first_name FROM customers WHERE id = 4") == "NULL");
    CHECK(database.value("SELECT last_name FROM customers WHERE id = 5") == " Zwei");
    CHECK(database.value("SELECT count(*) FROM invoices WHERE total = 12.34 OR total = -0.01") ==
          "2");
    CHECK(database.value("SELECT sum(plays) FROM playlist_track") == "7");
    CHECK(database.value("SELECT count(*) FROM playlist_track WHERE plays IS NULL") == "0");
}

TEST_CASE("the worked series is taken back, and the tables and rows are those of before")
{
    Shop shop;
    const Catalog before = shop.tables();
    REQUIRE(shop.runner().apply() == RunEnd::done);
    for (const Migration& migration : shop.series) {
        REQUIRE(shop.runner().contract(migration) == RunEnd::done);
    }
    for (auto migration = shop.series.rbegin(); migration != shop.series.rend(); ++migration) {
        CAPTURE(migration->name);
        REQUIRE(shop.runner().rollback(*migration) == RunEnd::done); // contracted -> migrated
        REQUIRE(shop.runner().rollback(*migration) == RunEnd::done); // migrated -> pending
    }
    const Catalog after = shop.tables();
    for (const Table& table : before.tables) {
        CAPTURE(table.name.name);
        const Table* now = after.find(table.name);
        REQUIRE(now != nullptr);
        for (const std::string& difference : differences(table, *now)) {
            FAIL_CHECK(difference);
        }
    }
    const test::TestDatabase& database = shop.database;
    CHECK(database.value("SELECT full_name FROM customers WHERE id = 1") == "Anna Maria Müller");
    CHECK(database.value("SELECT user_name FROM customers WHERE id = 5") == "emil");
    CHECK(database.value("SELECT fax FROM customers WHERE id = 2") == "+45 1");
}
