#pragma once
// How fast a run may go: what people set, in its file, in sluice.toml or while it works. How large
// a batch is at the moment is found by each worker between these bounds (throttle/servo.h).

#include "sluice/core/clock.h"
#include "sluice/db/session.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sluice {

/// Obeyed from the next batch on.
struct Pace {
    std::int64_t batch_rows = 500; ///< the first guess
    std::int64_t batch_max = 1000; ///< no batch has more rows
    Milliseconds batch_time{50};   ///< what a batch should take
    Milliseconds sleep{50};        ///< the least pause between two batches of a worker
    double duty = 0.5; ///< share of the time that a worker may keep the database busy; 1 rests only
                       ///< `sleep`
    int workers = 1;   ///< in one process

    friend bool operator==(const Pace&, const Pace&) = default;
};

/// Refuses values that make no sense. Throws Error{usage}.
void check_pace(const Pace& pace);

/// As `sluice set` takes it: batch_rows=500 batch_max=1000 …
[[nodiscard]] std::string text_of(const Pace& pace);

/// The columns of table run that hold it, and how a row that has them from column `first` on is
/// read.
inline constexpr std::string_view pace_columns =
    "batch_rows, batch_max, batch_time_ms, sleep_ms, duty_permille, workers";
[[nodiscard]] Pace pace_from(const Row& row, std::size_t first);

/// Appends the values in the order of pace_columns.
void append_pace_values(Sql& sql, const Pace& pace);
/// Appends "batch_rows = …, batch_max = …" for an UPDATE.
void append_pace_assignments(Sql& sql, const Pace& pace);

} // namespace sluice
