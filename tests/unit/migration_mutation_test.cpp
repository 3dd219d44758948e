#include "sluice/core/error.h"
#include "sluice/migration/reader.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <random>
#include <string>
#include <string_view>

using namespace sluice;

namespace {

const std::string valid = R"toml(# why
summary = "split"
owner = "accounts"
risk = "high"
[[change]]
kind = "change_column"
table = "billing.users"
column = "n"
type = { postgresql = "bigint", mysql = "bigint", sqlite = "INTEGER" }
up = "n + 1"
[[change]]
kind = "rename_column"
table = "users"
from = "user_name"
to = "username"
[[expand]]
sql = "ALTER TABLE users ADD a text"
undo = "ALTER TABLE users DROP a"
done = "SELECT 1"
[[backfill]]
table = "users"
key = ["tenant", "id"]
set = { a = "split(b)", "c d" = { sqlite = "1" } }
where = '''a IS NULL'''
[[verify]]
table = "users"
expect = "a = split(b)"
[[contract]]
sql = "ALTER TABLE users DROP b"
undo = false
[pace]
batch_rows = 300
duty = 0.5
sleep = "50ms"
[gate]
soak = "24h"
conditions = ["SELECT 1"]
)toml";

class Mutator {
public:
    explicit Mutator(unsigned seed) : random_(seed) {}

    std::string mutate(std::string text)
    {
        const std::size_t edits = 1 + below(4);
        for (std::size_t i = 0; i < edits; ++i) {
            edit(text);
        }
        return text;
    }

private:
    std::size_t below(std::size_t end)
    {
        return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_);
    }

    void edit(std::string& text)
    {
        static constexpr std::array<std::string_view, 24> pieces{
            "[",        "]",          "[[",       "]]",
            "\"",       "'''",        "=",        "{",
            "}",        ",",          ".",        "\n",
            "\r",       "#",          "\\u0000",  "\xFF",
            "true",     "-1e999",     "nan",      "[[change]]\n",
            "[gate]\n", "undo = 1\n", "\xC3\xA9", "99999999999999999999"};
        const std::size_t at = below(text.size() + 1);
        const std::size_t length = std::min(below(12), text.size() - at);
        switch (below(5)) {
        case 0:
            text.erase(at, length);
            break;
        case 1:
            text.insert(at, pieces.at(below(pieces.size())));
            break;
        case 2:
            text.insert(at, text.substr(below(text.size() + 1), below(60)));
            break;
        case 3:
            text.replace(at, std::min<std::size_t>(1, length), 1, static_cast<char>(below(256)));
            break;
        default:
            text.resize(std::max<std::size_t>(at, 1));
        }
    }

    std::mt19937 random_;
};

} // namespace

TEST_CASE("a damaged file is either read or refused as a definition, never anything else")
{
    CHECK(parse_migration(valid, "m/1_x.toml").changes.size() == 2);
    const char* given = std::getenv("SLUICE_TEST_SEED");
    const auto seed = given == nullptr ? std::random_device()()
                                       : static_cast<unsigned>(std::strtoul(given, nullptr, 10));
    INFO("SLUICE_TEST_SEED=" << seed);
    Mutator mutator(seed);
    int refused = 0;
    for (int i = 0; i < 20000; ++i) {
        const std::string text = mutator.mutate(valid);
        CAPTURE(text);
        try {
            const Migration migration = parse_migration(text, "m/1_x.toml");
            REQUIRE_FALSE(migration.definition.empty());
        } catch (const Error& error) {
            ++refused;
            REQUIRE(error.kind == ErrorKind::definition);
            REQUIRE(error.message.starts_with("m/1_x.toml:"));
        }
    }
    CHECK(refused > 1000);
}
