#include "sluice/core/error.h"
#include "sluice/state/foreign_history.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace sluice;

namespace {

ImportedFolder folder_of(ImportTool tool, const std::vector<std::string>& identities)
{
    ImportedFolder folder{.tool = tool, .migrations = {}, .findings = {}};
    for (const std::string& identity : identities) {
        folder.migrations.push_back({.version = std::to_string(folder.migrations.size() + 1),
                                     .name = "m",
                                     .identity = identity});
    }
    return folder;
}

std::vector<std::string> applied(const ImportedFolder& folder, std::vector<ForeignRow> rows)
{
    std::vector<std::string> versions;
    const ForeignApplied found = match_foreign_record({"their_table", std::move(rows)}, folder);
    for (const ImportedMigration* migration : found.applied) {
        versions.push_back(migration->version);
    }
    for (const std::string& identity : found.unknown) {
        versions.push_back("?" + identity);
    }
    return versions;
}

std::string refusal(const ImportedFolder& folder, std::vector<ForeignRow> rows)
{
    try {
        static_cast<void>(match_foreign_record({"their_table", std::move(rows)}, folder));
    } catch (const Error& error) {
        CHECK(error.kind == ErrorKind::refused);
        return error.message + " | " + error.details.hint;
    }
    return "accepted";
}

using Versions = std::vector<std::string>;

} // namespace

TEST_CASE("dbmate's rows are the versions that are applied, gaps included")
{
    const ImportedFolder folder = folder_of(ImportTool::dbmate, {"01", "02", "03"});
    CHECK(applied(folder, {{.identity = "01"}, {.identity = "03"}}) == Versions{"1", "3"});
    CHECK(applied(folder, {{.identity = "99"}}) == Versions{"?99"});
    CHECK(applied(folder, {}).empty());
}

TEST_CASE("golang-migrate's one row stands for all before it; a dirty one is refused")
{
    const ImportedFolder folder =
        folder_of(ImportTool::golang_migrate, {"000001", "000002", "000010"});
    CHECK(applied(folder, {{.identity = "2", .is_floor = true}}) == Versions{"1", "2"});
    CHECK(applied(folder, {{.identity = "9", .is_floor = true}}) == Versions{"1", "2", "?9"});
    const std::string told =
        refusal(folder, {{.identity = "2", .is_broken = true, .is_floor = true}});
    CHECK(told.find("half applied") != std::string::npos);
    CHECK(told.find("migrate force 2") != std::string::npos);
}

TEST_CASE("goose's last row of a version says whether it is applied")
{
    const ImportedFolder folder = folder_of(ImportTool::goose, {"00001", "00002"});
    CHECK(applied(folder,
                  {{.identity = "1"}, {.identity = "2"}, {.identity = "2", .is_applied = false}}) ==
          Versions{"1"});
}

TEST_CASE("Flyway's versions are compared by their parts, and undone ones are not applied")
{
    ImportedFolder folder = folder_of(ImportTool::flyway, {"1", "1.1", "2", "the_views"});
    folder.migrations[3].is_repeatable = true;
    CHECK(applied(folder, {{.identity = "1.0"},
                           {.identity = "1.1"},
                           {.identity = "1.1", .is_applied = false},
                           {.identity = "the views"}}) == Versions{"1", "4"});
    CHECK(applied(folder, {{.identity = "1.1", .is_floor = true}}) == Versions{"1", "2"});
    CHECK(refusal(folder, {{.identity = "2", .is_broken = true}}).find("flyway repair") !=
          std::string::npos);
}

TEST_CASE("a change of sqitch that was reworked counts as often as it was deployed")
{
    const ImportedFolder folder = folder_of(ImportTool::sqitch, {"a", "b", "a"});
    CHECK(applied(folder, {{.identity = "a"}, {.identity = "b"}}) == Versions{"1", "2"});
    CHECK(applied(folder, {{.identity = "a"}, {.identity = "b"}, {.identity = "a"}}) ==
          Versions{"1", "2", "3"});
}

TEST_CASE("Alembic's heads stand for all that they follow; one in no file is refused")
{
    ImportedFolder folder = folder_of(ImportTool::alembic, {"base", "left", "right", "merge"});
    folder.migrations[1].parents = {"base"};
    folder.migrations[2].parents = {"base"};
    folder.migrations[3].parents = {"left", "right"};
    CHECK(applied(folder, {{.identity = "left", .is_floor = true}}) == Versions{"1", "2"});
    CHECK(applied(folder, {{.identity = "merge", .is_floor = true}}) ==
          Versions{"1", "2", "3", "4"});
    CHECK(refusal(folder, {{.identity = "gone", .is_floor = true}}).find("in none of the files") !=
          std::string::npos);
}
