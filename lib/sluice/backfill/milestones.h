#pragma once
// Positions that the workers of this process passed, about a chunk of the final check apart: with
// them the check does not have to look for the ends of its chunks. That takes longer than the check
// itself where several workers have just put the rows in another order than that of their keys.
// Private to backfill/.

#include "sluice/state/ranges.h"

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace sluice {

/// Any thread may use it.
class Milestones {
public:
    /// A worker took the range at its cursor.
    void begin(const RangeRecord& range);
    /// A batch of `rows` rows ended at `cursor` (encoded).
    void passed(int ordinal, std::int64_t rows, const std::string& cursor);

    /// Ascending over the whole table; none where another process worked on a part of it.
    [[nodiscard]] std::vector<std::string> over(const std::vector<RangeRecord>& ranges) const;

    /// Another pass begins.
    void clear();

private:
    struct Passed {
        std::string from; ///< where this process began
        std::string to;   ///< where it is
        std::int64_t rows_since = 0;
        std::vector<std::string> keys;
    };

    mutable std::mutex mutex_;
    std::map<int, Passed> ranges_;
};

} // namespace sluice
