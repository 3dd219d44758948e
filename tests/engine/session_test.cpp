#include "support/database.h"

#include <doctest/doctest.h>

using namespace sluice;

TEST_CASE("a session answers")
{
    const test::TestDatabase database;
    CHECK(database.value("SELECT 1") == "1");
}
