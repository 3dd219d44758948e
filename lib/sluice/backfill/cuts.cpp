#include "sluice/backfill/cuts.h"

#include "sluice/backfill/keyset.h"
#include "sluice/db/key_sample.h"

#include <algorithm>

namespace sluice {

namespace {

/// More than one, because some go slower than others.
constexpr int ranges_for_a_worker = 4;

int wanted_ranges(const Capabilities& can, std::int64_t rows, const Pace& pace)
{
    if (can.one_writer || pace.workers == 1) {
        return 1;
    }
    return static_cast<int>(std::min<std::int64_t>(ranges_for_a_worker * pace.workers,
                                                   rows / least_rows_to_share(pace)));
}

/// In the order of the rows.
std::vector<KeyValues> from_sample(const Rows& sample, const std::vector<Column>& key)
{
    std::vector<KeyValues> cuts;
    for (const Row& row : sample.rows) {
        cuts.push_back(read_key({.columns = sample.columns, .rows = {row}}, key).value());
    }
    return cuts;
}

/// The rows that follow evenly spread numbers. Gaps between the numbers make ranges uneven.
std::vector<KeyValues> from_spread(Session& session, const BackfillWork& work,
                                   const KeyValues& last, int ranges)
{
    const Dialect& dialect = session.dialect();
    const auto first = read_key(
        session.query(boundary_query(dialect, work.table, work.key, {}, last, 1)), work.key);
    std::vector<KeyValues> cuts;
    if (!first) {
        return cuts;
    }
    for (const KeyValues& point : spread_keys(work.key, *first, last, ranges)) {
        const auto found = read_key(
            session.query(boundary_query(dialect, work.table, work.key, point, last, 1)), work.key);
        if (found) {
            cuts.push_back(*found);
        }
    }
    return cuts;
}

} // namespace

std::int64_t least_rows_to_share(const Pace& pace)
{
    return 4 * pace.batch_max;
}

std::vector<std::string> cut_into_ranges(Session& session, const BackfillWork& work,
                                         const KeyValues& last, std::int64_t rows, const Pace& pace)
{
    const Dialect& dialect = session.dialect();
    const int ranges = wanted_ranges(dialect.capabilities(), rows, pace);
    if (ranges < 2) {
        return {};
    }
    const auto sample = key_sample(dialect, work.table, work.key, last, ranges);
    std::vector<std::string> cuts;
    for (const KeyValues& cut : sample ? from_sample(session.query(*sample), work.key)
                                       : from_spread(session, work, last, ranges)) {
        std::string encoded = encode_key(cut);
        // The database gave them in order: those that are equal stand side by side.
        if (cut != last && (cuts.empty() || cuts.back() != encoded)) {
            cuts.push_back(std::move(encoded));
        }
    }
    return cuts;
}

} // namespace sluice
