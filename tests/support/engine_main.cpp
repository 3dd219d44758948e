#define DOCTEST_CONFIG_IMPLEMENT
#include "support/database.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

namespace {
sluice::Engine chosen = sluice::Engine::sqlite; // set once by main, before any test runs
} // namespace

sluice::Engine sluice::test::engine()
{
    return chosen;
}

int main(int argc, char** argv)
{
    for (int n = 1; n < argc; ++n) {
        const std::string_view argument = argv[n];
        if (argument == "--engine=postgresql") {
            chosen = sluice::Engine::postgresql;
        } else if (argument == "--engine=mysql") {
            chosen = sluice::Engine::mysql;
        }
    }
    return doctest::Context(argc, argv).run();
}
