#pragma once
// Moving a range's cursor by hand: while people keep the run from working, while no worker has the
// range, and only from where the person saw it.

#include "sluice/db/session.h"
#include "sluice/plan/action.h"
#include "sluice/state/ranges.h"

#include <string>

namespace sluice {

struct Seek {
    std::int64_t run = 0;
    int ordinal = 0;
    std::string from; ///< as typed_key reads it (backfill/one_key.h)
    std::string to;
};

/// Within the caller's transaction. Returns the range as it was. Throws Error{refused}, saying what
/// helps, where the run may work, the range is leased, the cursor is elsewhere, or `to` lies
/// outside the range; and for work that is done once, where rows would be worked on twice.
RangeRecord seek(Session& session, const BackfillWork& work, const Seek& wish);

} // namespace sluice
