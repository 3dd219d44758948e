// The plan of every template on every engine, word for word. After a change that is meant:
// SLUICE_UPDATE_GOLDEN=1 build/dev/tests/unit_tests -tc="*golden*", then read the difference.

#include "sluice/core/error.h"
#include "sluice/migration/template.h"
#include "sluice/plan/planner.h"
#include "support/sample_catalog.h"
#include "support/sample_plans.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

using namespace sluice;

namespace {

std::string planned(const test::SamplePlan& sample, const Dialect& dialect)
{
    try {
        return to_text(
            make_plan(test::migration_of(sample), test::sample_catalog(dialect), dialect));
    } catch (const Error& error) {
        return "error: " + error.message + "\nhint: " + error.details.hint + "\n";
    }
}

std::string read(const std::filesystem::path& path)
{
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

} // namespace

TEST_CASE("every template's plan is the golden one on every engine")
{
    const std::filesystem::path golden = std::filesystem::path(SLUICE_SOURCE_DIR) / "tests/golden";
    const bool update = std::getenv("SLUICE_UPDATE_GOLDEN") != nullptr;
    for (const std::string& engine : test::all_engines()) {
        const auto dialect = test::dialect_of(engine);
        for (const test::SamplePlan& sample : test::sample_plans()) {
            const std::filesystem::path path = golden / engine / (sample.name + ".txt");
            CAPTURE(path.string());
            const std::string plan = planned(sample, *dialect);
            if (update) {
                std::filesystem::create_directories(path.parent_path());
                std::ofstream(path) << plan;
            }
            CHECK(plan == read(path));
        }
    }
}

TEST_CASE("every template has a golden plan")
{
    for (const Template& form : all_templates()) {
        bool found = false;
        for (const test::SamplePlan& sample : test::sample_plans()) {
            found = found || sample.kind == form.kind;
        }
        CAPTURE(form.kind);
        CHECK(found);
    }
}

TEST_CASE("the same file gives the same plan each time, actions as JSON included")
{
    for (const std::string& engine : test::all_engines()) {
        const auto dialect = test::dialect_of(engine);
        for (const test::SamplePlan& sample : test::sample_plans()) {
            if (sample.refused_on == engine) {
                continue;
            }
            const Migration migration = test::migration_of(sample);
            const Plan first = make_plan(migration, test::sample_catalog(*dialect), *dialect);
            const Plan second = make_plan(migration, test::sample_catalog(*dialect), *dialect);
            CHECK(first.actions == second.actions);
            for (const Action& action : first.actions) {
                CHECK(action_from_json(to_json(action)) == action);
            }
        }
    }
}
