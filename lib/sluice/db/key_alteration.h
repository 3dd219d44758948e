#pragma once
// The alterations that are about a table's keys, and about what numbers them.

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

/// Where a UNIQUE cannot be built beside the table and taken up by it (Capabilities): one of its
/// definition is over the columns of `to` instead of those of `from`. Both have its name.
struct MoveUnique {
    TableName table;
    Index from;
    Index to;
};

/// The column numbers its rows, or ceases to. `from` and `to` are the whole column before and
/// after: with a default that asks a sequence of its own, as an identity, or with neither. What
/// numbered it goes on where it was; a column that nothing numbered begins after its greatest
/// value, or where `kept` is.
struct SetIdentity {
    TableName table;
    Column from;
    Column to;
    TableName kept; ///< a sequence, from KeepNumbers; empty: none
};

/// A sequence is made that is where the column's own is, and has all that it has.
struct KeepNumbers {
    TableName table;
    Column column; ///< with the sequence that numbers it
    TableName kept;
};

/// The way back, and the end of it.
struct ForgetNumbers {
    TableName table;
    Column column;
    TableName kept;
};

} // namespace sluice
