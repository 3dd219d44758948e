#include "sluice/backfill/share.h"

#include "sluice/backfill/keyset.h"
#include "sluice/db/transaction.h"

#include <algorithm>
#include <string>

namespace sluice {

namespace {

constexpr std::int64_t most_rows = 1'000'000;

/// The key `rows` rows after the range's cursor; empty where fewer are left before its end.
std::string key_after(Session& session, const BackfillWork& work, const RangeRecord& range,
                      std::int64_t rows)
{
    const auto found = read_key(
        session.query(boundary_query(session.dialect(), work.table, work.key,
                                     decode_key(range.cursor), decode_key(range.upper), rows)),
        work.key);
    return found ? encode_key(*found) : std::string();
}

/// Does the cut still lie between the range's cursor and its end? The batch that is under way now
/// waits at the fence meanwhile.
bool lies_inside(Session& session, const BackfillWork& work, const RangeRecord& range,
                 const std::string& cut)
{
    const auto next = boundary_query(session.dialect(), work.table, work.key,
                                     decode_key(range.cursor), decode_key(cut), 1);
    return cut != range.upper && !session.query(next).empty();
}

std::optional<int> cut(Session& session, const BackfillWork& work, const RangeRecord& range,
                       const std::string& at)
{
    Ranges ranges(session);
    Transaction transaction(session);
    const std::optional<RangeRecord> locked = ranges.lock(range.run, range.ordinal);
    if (!locked || locked->state == RangeState::done || locked->upper != range.upper ||
        !lies_inside(session, work, *locked, at)) {
        return std::nullopt;
    }
    const int rest = ranges.cut(*locked, at);
    transaction.commit();
    return rest;
}

} // namespace

std::optional<int> split_largest(Session& session, const BackfillWork& work,
                                 const std::vector<RangeRecord>& ranges, std::int64_t least_rows)
{
    for (std::int64_t rows = most_rows; rows >= least_rows; rows /= 2) {
        for (const RangeRecord& range : ranges) {
            if (range.state == RangeState::done || key_after(session, work, range, rows).empty()) {
                continue;
            }
            const std::string at = key_after(session, work, range, rows / 2);
            if (const std::optional<int> rest = cut(session, work, range, at)) {
                return rest;
            }
        }
    }
    return std::nullopt;
}

} // namespace sluice
