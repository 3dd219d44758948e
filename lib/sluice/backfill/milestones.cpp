#include "sluice/backfill/milestones.h"

#include "sluice/backfill/backfill.h"

#include <algorithm>

namespace sluice {

void Milestones::begin(const RangeRecord& range)
{
    const std::lock_guard lock(mutex_);
    const auto known = ranges_.find(range.ordinal);
    if (known == ranges_.end() || known->second.to != range.cursor) {
        ranges_[range.ordinal] = {.from = range.cursor, .to = range.cursor};
    }
}

void Milestones::passed(int ordinal, std::int64_t rows, const std::string& cursor)
{
    const std::lock_guard lock(mutex_);
    Passed& range = ranges_[ordinal];
    range.to = cursor;
    range.rows_since += rows;
    if (range.rows_since >= check_chunk_rows) {
        range.rows_since = 0;
        range.keys.push_back(cursor);
    }
}

/// Ranges follow each other as upper follows lower, whatever their numbers are. Several that are
/// smaller than a chunk make one together. The last upper bound ends a chunk however small it is:
/// what follows it are the few rows that came later, and their end is soon found.
std::vector<std::string> Milestones::over(const std::vector<RangeRecord>& ranges) const
{
    const std::lock_guard lock(mutex_);
    std::vector<std::string> keys;
    std::string at;
    std::int64_t rows_since = 0;
    for (std::size_t n = 0; n < ranges.size(); ++n) {
        const auto next =
            std::find_if(ranges.begin(), ranges.end(),
                         [&at](const RangeRecord& range) { return range.lower == at; });
        const auto passed = next == ranges.end() ? ranges_.end() : ranges_.find(next->ordinal);
        if (passed == ranges_.end() || passed->second.from != next->lower ||
            passed->second.to != next->upper) {
            return {};
        }
        const Passed& range = passed->second;
        keys.insert(keys.end(), range.keys.begin(), range.keys.end());
        rows_since = range.keys.empty() ? rows_since + range.rows_since : range.rows_since;
        at = next->upper;
        if (rows_since >= check_chunk_rows) {
            rows_since = 0;
            keys.push_back(at);
        }
    }
    if (!at.empty() && (keys.empty() || keys.back() != at)) {
        keys.push_back(at);
    }
    return keys;
}

void Milestones::clear()
{
    const std::lock_guard lock(mutex_);
    ranges_.clear();
}

} // namespace sluice
