#pragma once
// One key of a table that is being walked: as a person types it, where it lies, and the work of a
// backfill on its row alone.

#include "sluice/db/session.h"
#include "sluice/plan/action.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice {

/// Encoded (backfill/keyset.h), from ["7","a"], from the plain text of a key of one column, or from
/// [], which is before the first row. Throws Error{usage} for a key of another number of columns.
[[nodiscard]] std::string typed_key(std::string_view text, const std::vector<Column>& key);

struct KeyBounds {
    std::string after; ///< encoded; empty: from the first row on
    std::string upto;  ///< encoded; empty: to the last
};

/// The key as the server writes it, where it lies after the one bound and not after the other, in
/// the order of the table's own columns; else nullopt. Throws Error{usage} for a text that the
/// column's type cannot hold.
[[nodiscard]] std::optional<std::string> key_between(Session& session, const BackfillWork& work,
                                                     std::string_view key, const KeyBounds& bounds);

/// Changes the row that has exactly this key, within the caller's transaction, as a batch would
/// have. Returns 0 where there is no such row, or it needs no work any more.
std::int64_t work_on_key(Session& session, const BackfillWork& work, std::string_view key);

} // namespace sluice
