#pragma once
// Several ways to do the same work, each beside the same application: what the application felt,
// and what the server spent.

#include "scenarios.h"

#include <functional>
#include <string>
#include <vector>

namespace sluice::bench {

struct Variant {
    std::string name;
    std::function<void()> job;   ///< empty: no work, the application is alone
    std::function<void()> check; ///< after a job that did not fail; empty: nothing
    /// What goes wrong is shown in its place; else it ends the measurement.
    bool may_fail = false;
};

/// Measures them in turns, the table made anew before each, and prints what was found. The first
/// variant is the one without work, which the others are compared with.
void measure_impact(const Options& options, const std::vector<Variant>& variants);

} // namespace sluice::bench
