#include "sluice/core/error.h"
#include "sluice/db/renaming.h"
#include "sluice/db/render_parts.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace sluice;

namespace {
const TableName t{"", "t"};

std::vector<Alteration> swap()
{
    return {RenameColumn{t, "a", "kept"}, RenameColumn{t, "twin", "a"}};
}
} // namespace

TEST_CASE("a name is followed through the renames of its group in both directions")
{
    CHECK(name_at_start(swap(), 2, "a") == "twin");
    CHECK(name_at_start(swap(), 2, "kept") == "a");
    CHECK(name_at_start(swap(), 1, "kept") == "a");
    CHECK(name_at_start(swap(), 0, "a") == "a");
    CHECK(name_at_end(swap(), 0, "twin") == "a");
    const std::vector<Alteration> group = {SetDefault{t, {}, {}, {}}, swap()[0], swap()[1]};
    CHECK(name_at_end(group, 0, "a") == "kept");
    CHECK(name_at_end(group, 0, "twin") == "a");
}

TEST_CASE("a reserved name is cut without cutting a character, and stays distinct")
{
    CHECK(reserved_name("sluice_nn_", "a", 63) == "sluice_nn_a");
    const std::string one = reserved_name("sluice_nn_", std::string(70, 'x') + "1", 63);
    const std::string two = reserved_name("sluice_nn_", std::string(70, 'x') + "2", 63);
    CHECK(one.size() == 63);
    CHECK(one != two);
    std::string umlauts;
    for (int n = 0; n < 40; ++n) {
        umlauts += "\u00e4";
    }
    const std::string cut = reserved_name("p", umlauts, 63);
    CHECK(cut.size() <= 63);
    CHECK(cut.find("\u00e4_") != std::string::npos);
}

TEST_CASE("MySQL: a server that cannot rename columns is told so before anything is done")
{
    Table table;
    table.name = t;
    const auto old = make_dialect({.engine = Engine::mysql, .is_mariadb = true, .version = 100400});
    CHECK_THROWS_AS(static_cast<void>(old->render(swap(), table)), Error);
    const auto new_enough =
        make_dialect({.engine = Engine::mysql, .is_mariadb = true, .version = 100502});
    const std::vector<Rendered> actions = new_enough->render(swap(), table);
    REQUIRE(actions.size() == 1);
    CHECK(actions[0].steps.size() == 1);
    CHECK(actions[0].steps[0].sql.find("ALGORITHM=INSTANT") != std::string::npos);
}

TEST_CASE("PostgreSQL: adding a column and its triggers are two actions, a swap is one")
{
    const auto dialect =
        make_dialect({.engine = Engine::postgresql, .is_mariadb = false, .version = 150018});
    Table table;
    table.name = {"public", "t"};
    Column column;
    column.name = "b";
    column.type = dialect->parse_type("text");
    Sync sync;
    sync.name = "1_1";
    sync.table = table.name;
    sync.row = {column};
    sync.news = {{.name = "b", .value = {"'x'", "", true}}};
    sync.direction = SyncDirection::forward;
    const std::vector<Rendered> expand =
        dialect->render({AddColumn{table.name, column}, CreateSync{sync}}, table);
    REQUIRE(expand.size() == 2);
    CHECK(expand[0].lock == "ACCESS EXCLUSIVE on public.t, brief");
    CHECK(expand[1].lock.find("SHARE ROW EXCLUSIVE") == 0);

    std::vector<Alteration> group = swap();
    group.emplace_back(ReplaceSync{sync, sync});
    CHECK(dialect->render(group, table).size() == 1);
}
