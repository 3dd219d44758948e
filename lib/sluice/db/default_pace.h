#pragma once

#include <chrono>

namespace sluice {

/// How fast a backfill goes where nobody says it. Few rows and short pauses: whoever waits for a
/// batch waits for a few milliseconds (benchmarks/results). Rows, because a time that suits a
/// server nearby cannot be kept at all over a slow network.
struct DefaultPace {
    int batch_rows = 200;
    int batch_max = 200;
    std::chrono::milliseconds batch_time{50};
    std::chrono::milliseconds sleep{20};
};

} // namespace sluice
