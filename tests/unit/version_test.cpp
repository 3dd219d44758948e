#include "sluice/core/version.h"

#include <doctest/doctest.h>

TEST_CASE("the library knows its version")
{
    CHECK(sluice::version() == SLUICE_PROJECT_VERSION);
}
