#pragma once
// The alterations that are about a table's primary key, and about what numbers it.

#include "sluice/db/table.h"

#include <string>

namespace sluice {

/// A unique index that is there becomes the primary key's, under the name of the one before it.
struct MovePrimaryKey {
    TableName table;
    Index from;       ///< as it was
    Index to;         ///< over columns that are NOT NULL
    std::string kept; ///< the name that `from` is built anew by on the way back
};

/// The column that a sequence belongs to, and numbers, hands it over to another. No number is
/// given twice.
struct MoveSequence {
    TableName table;
    Sequence sequence; ///< as it was
    std::string from;
    std::string to;
    std::string type; ///< that it has from then on
};

} // namespace sluice
