#include "sluice/plan/planner.h"

#include "sluice/plan/draft.h"
#include "sluice/plan/written.h"

namespace sluice {

Plan make_plan(const Migration& migration, const Catalog& catalog, const Dialect& dialect)
{
    Draft draft(catalog, dialect);
    for (const SqlStep& step : migration.expand) {
        add_statement(draft, Phase::expand, step);
    }
    const std::string made = expand_sql(migration, dialect);
    for (const BackfillStep& step : migration.backfills) {
        add_backfill(draft, step, made);
    }
    for (const BackfillStep& step : migration.backfills) {
        add_verification(draft, step);
    }
    for (const VerifyStep& step : migration.verifications) {
        add_verification(draft, step);
    }
    for (const SqlStep& step : migration.contract) {
        add_statement(draft, Phase::contract, step);
    }
    Plan plan = draft.take();
    plan.version = migration.version;
    plan.name = migration.name;
    plan.hash = migration.hash;
    return plan;
}

} // namespace sluice
