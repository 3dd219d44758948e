#pragma once
// What the server has spent so far: processor time, bytes of its log, rows left dead. The
// differences of two readings are a job's costs.

#include "subject.h"

#include <optional>

namespace sluice::bench {

struct Costs {
    double cpu_seconds = 0; ///< of the process and all that it started; SQLite: of this one
    double log_bytes = 0;   ///< PostgreSQL: WAL; MySQL: redo and binary log; SQLite: all writes
};

/// `pid` is the server's; 0 where it is not known, and then the time is 0 too.
[[nodiscard]] Costs costs_so_far(const Subject& subject, int pid);

/// Dead rows of table users as PostgreSQL counts them once every other session has reported;
/// nothing on the other engines.
[[nodiscard]] std::optional<double> dead_rows(const Subject& subject);

} // namespace sluice::bench
