#include "sluice/report/readable.h"

#include <doctest/doctest.h>

using namespace sluice;

TEST_CASE("a line is cut to the characters that it may have")
{
    CHECK(shorten("a line", 6) == "a line");
    CHECK(shorten("a line", 5) == "a li…");
    CHECK(shorten("öäü", 2) == "ö…");
}

TEST_CASE("a colour takes no room, and is not cut in its middle")
{
    CHECK(display_width("\x1b[31mbad\x1b[0m") == 3);
    CHECK(shorten("\x1b[31mbad\x1b[0m", 3) == "\x1b[31mbad\x1b[0m");
    CHECK(shorten("so \x1b[31mbad\x1b[0m it is", 4) == "so \x1b[31m…");
    CHECK(shorten("so \x1b[31mbad\x1b[0m it is", 7) == "so \x1b[31mbad\x1b[0m…");
}
