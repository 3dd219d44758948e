#pragma once
// What happens, as it happens. On a terminal: a line that is redrawn at most five times a second
// below the lines that stay. Elsewhere: plain lines, progress at most every few seconds and
// whenever something changes. For machines: one line of JSON an event, progress at most once a
// second.
//
// All are called from any thread that works, and lock.

#include "sluice/core/clock.h"
#include "sluice/core/event.h"
#include "sluice/report/output.h"

#include <chrono>
#include <memory>
#include <mutex>
#include <string>

namespace sluice {

enum class ProgressStyle {
    live,   ///< a line that is redrawn
    plain,  ///< lines only
    json,   ///< lines of JSON
    silent, ///< nothing
};

[[nodiscard]] std::unique_ptr<Listener> make_progress(ProgressStyle style, Output& output,
                                                      Clock& clock);

/// Lets one through in each interval, the first one always.
class Thinner {
public:
    Thinner(Clock& clock, Milliseconds interval) : clock_(clock), interval_(interval) {}

    [[nodiscard]] bool lets_through()
    {
        const SteadyTime now = clock_.steady_now();
        if (has_passed_ && now - last_ < interval_) {
            return false;
        }
        last_ = now;
        has_passed_ = true;
        return true;
    }

    void reset() { has_passed_ = false; }

private:
    Clock& clock_;
    Milliseconds interval_;
    SteadyTime last_;
    bool has_passed_ = false;
};

/// "[======>   ]  61 %  2 s left  122,500 of 200,000 rows  41,200 rows/s  500-row batches of 12 ms"
[[nodiscard]] std::string progress_line(const BatchDone& batch, const std::string& waits);

/// "building index: scanning table  61 %  1,220 of 2,000 blocks  12 s"
[[nodiscard]] std::string statement_line(const StatementGoesOn& what);

} // namespace sluice
