#include "sluice/core/error.h"
#include "sluice/migration/import/import.h"
#include "sluice/migration/reader.h"

#include <doctest/doctest.h>

#include <array>
#include <random>
#include <string>
#include <string_view>
#include <vector>

using namespace sluice;

namespace {

constexpr std::array<std::string_view, 34> pieces{"-- migrate:up\n",
                                                  "-- migrate:down\n",
                                                  "-- +goose Up\n",
                                                  "-- +goose Down\n",
                                                  "-- +goose StatementBegin\n",
                                                  "-- +goose StatementEnd\n",
                                                  "-- Running upgrade  -> a1\n",
                                                  "-- Running upgrade a1 -> b2\n",
                                                  "-- Running downgrade a1 -> \n",
                                                  "CREATE TABLE a (i int);\n",
                                                  "DROP TABLE a;\n",
                                                  "DELIMITER //\n",
                                                  "//\n",
                                                  "DELIMITER ;\n",
                                                  "BEGIN\n",
                                                  "END;\n",
                                                  "$$",
                                                  "'",
                                                  "\"",
                                                  "`",
                                                  "/*",
                                                  "*/",
                                                  "--",
                                                  ";",
                                                  "CASE ",
                                                  "CREATE TRIGGER t AFTER INSERT ON a BEGIN ",
                                                  "\\c x\n",
                                                  "COPY a FROM stdin;\n",
                                                  "\\.\n",
                                                  "${x}",
                                                  "(",
                                                  ")",
                                                  "people [x] 2024\n",
                                                  "\xFF"};

constexpr std::array<std::string_view, 12> names{
    "1_a.sql",     "2_b.up.sql", "2_b.down.sql",
    "V1__a.sql",   "U1__a.sql",  "R__v.sql",
    "sqitch.plan", "3_c.go",     "deploy/people.sql",
    "V1.1__b.sql", "9_.sql",     "000000000000000000000000000000000000000000000001_x.sql"};

using Random = std::minstd_rand;

std::size_t below(Random& random, std::size_t count)
{
    return std::uniform_int_distribution<std::size_t>(0, count - 1)(random);
}

ImportSource rubbish(Random& random)
{
    constexpr std::size_t most_pieces = 25;
    ImportSource source{"db", {}};
    for (const std::string_view name : names) {
        if (below(random, 2) == 0) {
            continue;
        }
        ImportFile file{std::string(name), {}};
        for (std::size_t n = below(random, most_pieces); n > 0; --n) {
            file.text += pieces[below(random, pieces.size())];
        }
        source.files.push_back(std::move(file));
    }
    return source;
}

/// A migration that is not whole has a problem that says so; any other is one of sluice's.
void check_carried(const ImportedFolder& folder)
{
    for (const ImportedMigration& migration : folder.migrations) {
        if (migration.is_whole) {
            CHECK_NOTHROW(
                static_cast<void>(parse_migration(migration.text, "m/" + migration.file_name())));
        } else {
            CHECK(folder.has(ImportWeight::problem));
        }
    }
}

} // namespace

TEST_CASE("whatever the files hold, a migration is carried over whole or told as a problem")
{
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    Random random(seed);
    for (int n = 0; n < 50; ++n) {
        const ImportSource source = rubbish(random);
        for (const std::string& tool : import_tools()) {
            for (const Engine engine : {Engine::postgresql, Engine::mysql, Engine::sqlite}) {
                try {
                    check_carried(import_folder(source, import_tool_from(tool), engine));
                } catch (const Error& error) {
                    CHECK(error.kind == ErrorKind::usage);
                }
            }
        }
    }
}
