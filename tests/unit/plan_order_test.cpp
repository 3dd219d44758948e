// What holds for every plan: contract does all that can fail before anything that shows, and
// nothing that cannot be taken back happens before purge.

#include "sluice/core/error.h"
#include "sluice/plan/planner.h"
#include "support/sample_catalog.h"
#include "support/sample_plans.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>

using namespace sluice;

namespace {

bool says(const std::string& sql, std::string_view words)
{
    return sql.find(words) != std::string::npos;
}

/// Rows may be at fault: it reads them all and refuses some.
bool can_fail(const std::string& sql)
{
    return says(sql, "VALIDATE CONSTRAINT") || says(sql, "UNIQUE INDEX") ||
           says(sql, "ADD UNIQUE") || says(sql, "RAISE EXCEPTION") ||
           says(sql, "SIGNAL SQLSTATE") || (says(sql, "MODIFY ") && says(sql, "NOT NULL"));
}

/// The application that is running notices.
bool shows(const std::string& sql)
{
    return says(sql, "RENAME COLUMN") || says(sql, "RENAME TO") || says(sql, "DROP COLUMN") ||
           says(sql, "DROP TABLE") || says(sql, "RENAME TABLE");
}

/// What was there is gone.
bool destroys(const std::string& sql)
{
    return says(sql, "DROP COLUMN") || says(sql, "DROP TABLE") || says(sql, "TRUNCATE TABLE");
}

const SchemaWork* schema_work(const Action& action)
{
    return std::get_if<SchemaWork>(&action.work);
}

bool has_step(const Action& action, bool (*is_meant)(const std::string&))
{
    const SchemaWork* work = schema_work(action);
    return work != nullptr && std::any_of(work->steps.begin(), work->steps.end(),
                                          [&](const Step& step) { return is_meant(step.sql); });
}

/// Of every plan that is made; those of templates that people fill with SQL of their own excepted.
void for_each_plan(const std::function<void(const Plan&)>& check)
{
    int plans = 0;
    for (const std::string& engine : test::all_engines()) {
        const auto dialect = test::dialect_of(engine);
        for (const test::SamplePlan& sample : test::sample_plans()) {
            CAPTURE(engine);
            CAPTURE(sample.name);
            if (sample.kind == "sql") {
                continue;
            }
            try {
                check(make_plan(test::migration_of(sample), test::sample_catalog(*dialect),
                                *dialect));
                ++plans;
            } catch (const Error& error) {
                CHECK(error.kind == ErrorKind::refused);
            }
        }
    }
    CHECK(plans > 30);
}

} // namespace

TEST_CASE("contract does what can fail before anything that shows, in every plan")
{
    int fallible = 0;
    for_each_plan([&](const Plan& plan) {
        bool has_shown = false;
        for (const Action& action : plan.actions) {
            if (action.phase != Phase::contract) {
                continue;
            }
            CAPTURE(action.summary);
            fallible += has_step(action, can_fail) ? 1 : 0;
            CHECK_FALSE((has_shown && has_step(action, can_fail)));
            has_shown = has_shown || has_step(action, shows);
        }
    });
    CHECK(fallible > 3);
}

TEST_CASE(
    "nothing is destroyed before purge, in any plan, and no change of the schema is irreversible")
{
    int purges = 0;
    for_each_plan([&](const Plan& plan) {
        for (const Action& action : plan.actions) {
            CAPTURE(action.summary);
            if (action.phase == Phase::purge) {
                purges += has_step(action, destroys) ? 1 : 0;
                continue;
            }
            CHECK_FALSE(has_step(action, destroys));
            CHECK((schema_work(action) == nullptr || !action.irreversible));
        }
    });
    CHECK(purges > 3);
}
