#include "sluice/db/alteration.h"

#include <doctest/doctest.h>

#include <variant>
#include <vector>

using namespace sluice;

namespace {
const TableName users{"", "users"};

Column column(const char* name)
{
    Column made;
    made.name = name;
    return made;
}
} // namespace

TEST_CASE("the inverse of a group is the inverse of each, last first")
{
    const std::vector<Alteration> group = {AddColumn{users, column("a")},
                                           RenameColumn{users, "b", "c"}};
    const std::vector<Alteration> back = invert(group);
    REQUIRE(back.size() == 2);
    CHECK(std::get<RenameColumn>(back[0]).from == "c");
    CHECK(std::get<RenameColumn>(back[0]).to == "b");
    CHECK(std::get<DropColumn>(back[1]).column.name == "a");
}

TEST_CASE("the inverse of a default change carries the definition that it then finds")
{
    Column before = column("a");
    before.default_sql = "1";
    const auto back = std::get<SetDefault>(invert(SetDefault{users, before, "1", "2"}));
    CHECK(back.column.default_sql == "2");
    CHECK(back.from == "2");
    CHECK(back.to == "1");
}

TEST_CASE("the inverse of dropping NOT NULL finds a nullable column")
{
    Column before = column("a");
    before.nullable = false;
    const auto back =
        std::get<SetNullability>(invert(SetNullability{users, before, Nullability::nullable}));
    CHECK(back.column.nullable);
    CHECK(back.to == Nullability::not_null);
}

TEST_CASE("inverting twice gives back what was there")
{
    Sync both;
    both.name = "1_1";
    Sync reverse = both;
    reverse.direction = SyncDirection::reverse;
    const Alteration replaced = invert(invert(Alteration{ReplaceSync{both, reverse}}));
    CHECK(std::get<ReplaceSync>(replaced).to.direction == SyncDirection::reverse);
    const Alteration renamed = invert(invert(Alteration{RenameIndex{users, "i", "j", true}}));
    CHECK(std::get<RenameIndex>(renamed).to == "j");
}
