// The Chinook music store on three engines: the same migration files through the real program,
// there and back and there again, and then the three databases must hold the same.

#include "support/database.h"
#include "support/program.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>

using namespace sluice;

namespace {

std::string data_folder()
{
    const char* named = std::getenv("SLUICE_TEST_DATA");
    return named != nullptr ? named : SLUICE_SOURCE_DIR "/../shared/data";
}

std::string snake_case(std::string_view name)
{
    std::string out;
    for (std::size_t n = 0; n < name.size(); ++n) {
        const auto letter = static_cast<unsigned char>(name[n]);
        if (std::isupper(letter) != 0 && n > 0 &&
            std::islower(static_cast<unsigned char>(name[n - 1])) != 0) {
            out += '_';
        }
        out += static_cast<char>(std::tolower(letter));
    }
    return out;
}

/// Chinook is in CamelCase for MySQL and SQLite and in snake_case for PostgreSQL: one spelling for
/// all, outside strings.
std::string in_snake_case(const std::string& script, char open, char close)
{
    std::string out;
    bool in_string = false;
    for (std::size_t n = 0; n < script.size(); ++n) {
        if (script[n] == '\'') {
            in_string = !in_string;
        }
        const std::size_t end = script.find(close, n + 1);
        if (in_string || script[n] != open || end == std::string::npos) {
            out += script[n];
            continue;
        }
        out += open + snake_case(std::string_view(script).substr(n + 1, end - n - 1)) + close;
        n = end;
    }
    return out;
}

std::string without_database_lines(const std::string& script)
{
    std::istringstream in(script);
    std::string out;
    for (std::string line; std::getline(in, line);) {
        const bool is_about_database = line.starts_with("DROP DATABASE") ||
                                       line.starts_with("CREATE DATABASE") ||
                                       line.starts_with("USE ") || line.starts_with("\\c ");
        out += is_about_database ? "\n" : line + "\n";
    }
    return out;
}

std::string chinook_script(Engine engine)
{
    std::ifstream in(data_folder() + "/chinook/chinook_" + std::string(name_of(engine)) + ".sql");
    std::ostringstream text;
    text << in.rdbuf();
    const std::string script = without_database_lines(text.str());
    switch (engine) {
    case Engine::postgresql:
        return script;
    case Engine::mysql:
        return in_snake_case(script, '`', '`');
    case Engine::sqlite:
        return "BEGIN;\n" + in_snake_case(script, '[', ']') + "\nCOMMIT;";
    }
    return {};
}

const std::vector<std::string> versions = {"20260101000000", "20260102000000", "20260103000000",
                                           "20260104000000"};

void sluice_program(const test::TestDatabase& database, std::vector<std::string> arguments,
                    int expected_exit)
{
    arguments.insert(arguments.end(), {"--url", database.url_text(), "--migrations",
                                       SLUICE_SOURCE_DIR "/tests/scenarios/chinook"});
    const test::ProgramResult result = test::run_program(arguments);
    INFO(arguments[0] << " on " << database.url_text() << ":\n" << result.output);
    REQUIRE(result.exit_code == expected_exit);
}

/// Equal for what is equal on every engine: a number is compared as a number (1.98 and 1.9800 are
/// the same total), everything else by its text.
std::string normal(const Value& value)
{
    if (!value) {
        return "NULL";
    }
    char* end = nullptr;
    const double number = std::strtod(value->c_str(), &end);
    if (!value->empty() && *end == '\0' && std::isfinite(number)) {
        std::ostringstream out;
        out.precision(15);
        out << number;
        return out.str();
    }
    // Chinook's own scripts differ here: a few texts end in a space, or hold a backslash, on one
    // engine and not on another.
    std::string text = *value;
    std::erase(text, '\\');
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
}

using Contents = std::map<std::string, std::vector<std::string>>;

Contents contents_of(const test::TestDatabase& database)
{
    Session session = database.open();
    Contents contents;
    for (const Table& table : read_catalog(session).tables) {
        std::vector<std::string> names;
        for (const Column& column : table.columns) {
            if (!column.name.starts_with("sluice_")) {
                names.push_back(column.name);
            }
        }
        std::sort(names.begin(), names.end());
        const Dialect& dialect = session.dialect();
        std::string heading;
        for (const std::string& name : names) {
            heading += name + " ";
        }
        std::vector<std::string>& lines = contents[table.name.name];
        lines.push_back(heading);
        const std::string columns = dialect.quote_list(names);
        for (const Row& row :
             session.query("SELECT " + columns + " FROM " + dialect.quote(table.name)).rows) {
            std::string line;
            for (const Value& value : row) {
                line += normal(value) + "|";
            }
            lines.push_back(line);
        }
        std::sort(lines.begin() + 1, lines.end());
    }
    return contents;
}

void compare(const Contents& one, const Contents& other)
{
    REQUIRE(one.size() == other.size());
    for (const auto& [table, lines] : one) {
        INFO(table);
        REQUIRE(other.contains(table));
        std::vector<std::string> only_here;
        std::set_difference(lines.begin() + 1, lines.end(), other.at(table).begin() + 1,
                            other.at(table).end(), std::back_inserter(only_here));
        INFO(only_here.size() << " rows differ, for example: "
                              << (only_here.empty() ? "" : only_here.front()));
        CHECK(lines == other.at(table));
    }
}

Contents migrate_chinook(Engine engine)
{
    const test::TestDatabase database(engine);
    database.run(chinook_script(engine));
    const Contents before = contents_of(database);
    CHECK(before.size() == 11);
    for (const std::string& version : versions) {
        sluice_program(database, {"expand", version}, 0);
        sluice_program(database, {"rollback", version}, 0);
        sluice_program(database, {"expand", version}, 0);
        sluice_program(database, {"migrate", version}, 0);
        sluice_program(database, {"verify", version}, 0);
    }
    for (const std::string& version : versions) {
        sluice_program(database, {"contract", version}, 0);
    }
    Contents after = contents_of(database);
    for (auto version = versions.rbegin(); version != versions.rend(); ++version) {
        sluice_program(database, {"rollback", *version}, 0); // contracted -> migrated
        sluice_program(database, {"rollback", *version}, 0); // migrated -> pending
    }
    compare(before, contents_of(database));
    return after;
}

} // namespace

TEST_CASE("chinook is migrated by the same files on three engines, and they end up equal")
{
    if (!std::filesystem::exists(data_folder() + "/chinook")) {
        std::cout << "skipped: no Chinook data in " << data_folder() << " (set SLUICE_TEST_DATA)\n";
        return;
    }
    const Contents sqlite = migrate_chinook(Engine::sqlite);
    const Contents postgresql = migrate_chinook(Engine::postgresql);
    const Contents mysql = migrate_chinook(Engine::mysql);
    CHECK(sqlite.at("playlist_track").size() > 8000);
    CHECK(sqlite.at("customer")[0].find("organisation") != std::string::npos);
    CHECK(sqlite.at("invoice")[1].find('.') == std::string::npos);
    compare(sqlite, postgresql);
    compare(sqlite, mysql);
}
