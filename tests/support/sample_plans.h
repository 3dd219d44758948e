#pragma once
// Every template, filled for the schema of sample_catalog.h: at least one migration a kind of
// change, and one for each way that a kind can go.

#include "sluice/migration/migration.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::test {

struct SamplePlan {
    std::string name; ///< of its golden file
    std::string kind; ///< of the template
    std::map<std::string, std::string> values;
    std::vector<std::string> refused_on = {}; ///< engines that cannot; their golden files say why
};

[[nodiscard]] const std::vector<SamplePlan>& sample_plans();

/// Those that the engine ("postgresql", "mysql", "sqlite") can carry out.
[[nodiscard]] std::vector<SamplePlan> sample_plans_for(std::string_view engine);

[[nodiscard]] Migration migration_of(const SamplePlan& sample);

} // namespace sluice::test
