#pragma once
// Successors: tables that are as others in all but the type of some columns, are kept in step with
// them by triggers, and take their names in one moment. For an engine that cannot give a key
// another type in place (Capabilities).
//
// A mirror carries every write of one table to a second one, which nobody else writes, so that its
// rows always follow:
//
//   INSERT, UPDATE   the other row becomes a copy of this one, and is made where there is none: a
//                    look at a row that is missing would lock the gap, and two transactions that
//                    look and then insert would deadlock
//   UPDATE of a key  first the other row takes the new key, so that what refers to it follows
//   DELETE           the other row is deleted
//
// A carried write never makes a write fail that succeeded before: what the second table cannot take
// is left out, and verification finds it; only a conflict between transactions is passed on. In
// particular there may be no table of the second name: then nothing is carried. That is how tables
// change their names in one statement, with no moment in which a write is lost: the mirrors of both
// ways stand before it and after it, and those of one way have no table to write to.
//
// What a foreign key does to rows fires no trigger (measured). Where the second table has the same
// foreign key, to a table that follows the first one's, it does the same to the copies.

#include "sluice/db/dialect.h"

#include <string>
#include <utility>
#include <vector>

namespace sluice {

/// A table with everything that the server copies of another. Of the definition only the foreign
/// keys, and the columns and indexes named here, are looked at.
struct Likeness {
    Table definition;
    TableName like;
    std::vector<std::string> retyped;
    std::vector<std::string> indexes_of_keys; ///< that the server may have made for foreign keys
};

struct Mirror {
    std::string name; ///< unique in the database; trigger names are derived from it
    TableName from;
    TableName to;
    std::vector<Column> key;          ///< of `from`
    std::vector<std::string> columns; ///< that are carried: all that can be written
    /// The second table, which must be there, goes on with numbers where the first one is.
    bool hands_on_numbers = false;
};

/// What must be true of every row before names change; nothing is changed where it is not.
struct RowCondition {
    Table table;
    std::string condition; ///< boolean SQL, never NULL
    std::string message;   ///< of the error; the first keys follow it
};

/// One after the other, and all at once for everybody else.
struct Renaming {
    std::vector<std::pair<TableName, TableName>> names; ///< from, to
    std::vector<TableName> seen_by;                     ///< tables that these refer to
    std::vector<RowCondition> required_back;            ///< by the way back
};

// Each an action with its way back. They throw Error{refused} for what would not be as it was.
[[nodiscard]] Rendered create_likeness(const Dialect& dialect, const Likeness& likeness);
[[nodiscard]] Rendered create_mirror(const Dialect& dialect, const Mirror& mirror);
[[nodiscard]] Rendered drop_mirror(const Dialect& dialect, const Mirror& mirror);
[[nodiscard]] Rendered rename_tables(const Dialect& dialect, const Renaming& renaming);

} // namespace sluice
