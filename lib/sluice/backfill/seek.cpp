#include "sluice/backfill/seek.h"

#include "sluice/backfill/one_key.h"
#include "sluice/core/error.h"
#include "sluice/state/brake.h"

#include <fmt/format.h>

namespace sluice {

namespace {

std::string shown(const std::string& key)
{
    return key.empty() ? "[]" : key;
}

void refuse_wanted(Session& session, const Seek& wish)
{
    const RunRecord run = Runs(session).find(wish.run).value_or(RunRecord{});
    if (run.state == RunState::done) {
        throw Error(ErrorKind::refused, fmt::format("run {} is done", run.id),
                    {.hint = fmt::format("`sluice show {}` says what it did.", run.id)});
    }
    if (wished_wait(run, read_brake(session)).empty()) {
        throw Error(ErrorKind::refused, fmt::format("run {} may work at any moment", run.id),
                    {.hint = fmt::format("`sluice pause {}` first.", run.id)});
    }
}

void refuse_elsewhere(const RangeRecord& range, const Seek& wish, const std::string& from)
{
    if (range.cursor != from) {
        throw Error(ErrorKind::refused,
                    fmt::format("range {} of run {} is at {}, not at {}", range.ordinal, range.run,
                                shown(range.cursor), shown(from)),
                    {.hint = fmt::format("Look again; `sluice seek {} --range {} --from '{}' --to "
                                         "'{}'` moves it from there.",
                                         wish.run, wish.ordinal, shown(range.cursor), wish.to)});
    }
}

/// The new cursor as it is kept: the range's beginning, or a key within it.
std::string position(Session& session, const BackfillWork& work, const RangeRecord& range,
                     const std::string& to)
{
    if (to == range.lower) {
        return to;
    }
    const auto key = to.empty() || range.upper.empty()
                         ? std::nullopt
                         : key_between(session, work, to, {range.lower, range.upper});
    if (!key) {
        throw Error(ErrorKind::refused,
                    fmt::format("{} lies outside range {}, which goes from {} to {}", shown(to),
                                range.ordinal, shown(range.lower), shown(range.upper)),
                    {.hint = fmt::format("`sluice show {}` lists the ranges.", range.run)});
    }
    return *key;
}

void refuse_twice(Session& session, const BackfillWork& work, const RangeRecord& range,
                  const std::string& to)
{
    const bool is_back =
        !range.cursor.empty() &&
        (to.empty() || !key_between(session, work, to, {.after = range.cursor, .upto = {}}));
    if (work.once && is_back && to != range.cursor) {
        throw Error(ErrorKind::refused,
                    fmt::format("the rows from {} to {} would be worked on twice: this work is "
                                "done once",
                                shown(to), shown(range.cursor)),
                    {.hint = "Seek forward, or mend these rows by hand."});
    }
}

} // namespace

RangeRecord seek(Session& session, const BackfillWork& work, const Seek& wish)
{
    Ranges ranges(session);
    const std::optional<RangeRecord> range = ranges.lock(wish.run, wish.ordinal);
    if (!range || wish.ordinal == check_ordinal) {
        throw Error(ErrorKind::usage, fmt::format("run {} has no range {}", wish.run, wish.ordinal),
                    {.hint = fmt::format("`sluice show {}` lists them.", wish.run)});
    }
    refuse_wanted(session, wish);
    refuse_elsewhere(*range, wish, typed_key(wish.from, work.key));
    const std::string to = position(session, work, *range, typed_key(wish.to, work.key));
    refuse_twice(session, work, *range, to);
    if (!ranges.move(*range, to)) {
        throw Error(ErrorKind::refused,
                    fmt::format("range {} of run {} is leased by {}", range->ordinal, range->run,
                                range->lease_owner),
                    {.hint = "It is given back within one batch: try again."});
    }
    return *range;
}

} // namespace sluice
