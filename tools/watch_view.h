#pragma once
// What the full-screen view shows: the list of runs, or one run with its ranges, rates, signals and
// last events. Rates are measured by whoever watches, over the last minute and the last quarter of
// an hour, as far as it has watched.

#include "sluice/core/clock.h"
#include "sluice/report/output.h"
#include "sluice/run/reasons.h"
#include "sluice/state/brake.h"
#include "sluice/state/ledger.h"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sluice {

class Rates {
public:
    void add(const std::vector<RunRecord>& runs, SteadyTime now);
    /// Rows a second; nullopt until there is something to measure.
    [[nodiscard]] std::optional<double> over(std::int64_t run, std::chrono::seconds span) const;

private:
    std::map<std::int64_t, std::deque<std::pair<SteadyTime, std::int64_t>>> seen_;
};

struct ListView {
    const std::vector<RunRecord>& runs;
    const BrakeRecord& brake;
    std::size_t selected = 0;
};

struct RunView {
    const Explanation& found;
    const BrakeRecord& brake;
    const std::vector<LedgerEntry>& events;
};

[[nodiscard]] std::string list_frame(const ListView& view, const Rates& rates,
                                     const Output& output);
[[nodiscard]] std::string run_frame(const RunView& view, const Rates& rates, const Output& output);

} // namespace sluice
