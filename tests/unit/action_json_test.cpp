#include "sluice/core/error.h"
#include "sluice/plan/action.h"

#include <doctest/doctest.h>

#include <random>

using namespace sluice;

namespace {

/// Actions with every member filled at random, texts that break naive escaping included.
class RandomActions {
public:
    explicit RandomActions(unsigned seed) : random_(seed) {}

    Action action()
    {
        Action action{.ordinal = number(1, 500),
                      .phase = static_cast<Phase>(number(0, 3)),
                      .summary = text(),
                      .reason = text(),
                      .lock = text(),
                      .work = work(),
                      .undo = {},
                      .irreversible = coin(),
                      .tables = {}};
        if (coin()) {
            action.undo = schema();
        }
        for (int i = number(0, 2); i > 0; --i) {
            action.tables.push_back(table());
        }
        return action;
    }

private:
    int number(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }

    bool coin() { return number(0, 1) == 1; }

    std::string text()
    {
        static const std::vector<std::string> texts{"",
                                                    "user name",
                                                    "\"quoted\" \\ 'single' `tick`",
                                                    "zeilen\numbruch\t",
                                                    "🙂 ünïcödé",
                                                    std::string("nul\0byte", 8),
                                                    "$1 :x ?1 %s {}",
                                                    "NULL"};
        return texts[static_cast<std::size_t>(number(0, static_cast<int>(texts.size()) - 1))];
    }

    TableName table() { return {.schema = text(), .name = text()}; }

    Column column()
    {
        Column column{.name = text(), .type = {.sql = text()}, .nullable = coin()};
        column.type.family = static_cast<TypeFamily>(number(0, 15));
        column.type.bits = number(0, 64);
        column.type.is_unsigned = coin();
        if (coin()) {
            column.type.length = 9'000'000'000;
            column.type.precision = number(0, 65);
            column.type.scale = number(-3, 30);
            column.default_sql = text();
            column.generated = text();
        }
        column.is_identity = coin();
        column.collation = text();
        column.charset = text();
        column.on_update_now = coin();
        column.comment = text();
        return column;
    }

    std::vector<Column> columns()
    {
        std::vector<Column> list;
        for (int i = number(0, 3); i > 0; --i) {
            list.push_back(column());
        }
        return list;
    }

    SchemaWork schema()
    {
        SchemaWork work{.mode = static_cast<Mode>(number(0, 2)), .steps = {}};
        for (int i = number(0, 3); i > 0; --i) {
            work.steps.push_back({.sql = text(), .done = text(), .is_repeatable = coin()});
        }
        return work;
    }

    Work work()
    {
        switch (number(0, 2)) {
        case 0:
            return schema();
        case 1: {
            BackfillWork work{.kind = static_cast<BackfillKind>(number(0, 2)),
                              .table = table(),
                              .key = columns(),
                              .set = {{text(), text()}, {text(), text()}},
                              .into = {},
                              .into_key = {text()},
                              .needs_work = text(),
                              .once = coin()};
            if (coin()) {
                work.into = table();
            }
            return work;
        }
        default:
            return VerifyWork{
                .table = table(), .key = columns(), .expect = text(), .about = text()};
        }
    }

    std::mt19937 random_;
};

} // namespace

TEST_CASE("any action comes back from its JSON as it was")
{
    const unsigned seed = std::random_device{}();
    CAPTURE(seed);
    RandomActions actions(seed);
    for (int i = 0; i < 500; ++i) {
        const Action action = actions.action();
        const std::string json = to_json(action);
        CAPTURE(json);
        CHECK(json.find('\n') == std::string::npos);
        CHECK(action_from_json(json) == action);
    }
}

TEST_CASE("an action recorded by a newer version is read without what is unknown")
{
    Action action{.ordinal = 3, .summary = "add a column", .work = SchemaWork{}, .undo = {}};
    std::string json = to_json(action);
    json.insert(1, "\"from_the_future\":[1,2],");
    CHECK(action_from_json(json) == action);
}

TEST_CASE("JSON that is no action is an internal error")
{
    for (const char* json : {"", "{}", "[1]", "{\"ordinal\":1,\"phase\":\"sleep\"}", "nonsense"}) {
        CAPTURE(json);
        try {
            (void)action_from_json(json);
            FAIL("was read");
        } catch (const Error& error) {
            CHECK(error.kind == ErrorKind::internal);
        }
    }
}

TEST_CASE("text that is not UTF-8 is refused before it is recorded")
{
    const Action action{.ordinal = 1, .summary = "\xff", .work = SchemaWork{}, .undo = {}};
    CHECK_THROWS_AS((void)to_json(action), Error);
}
