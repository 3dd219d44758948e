#pragma once
// A sync of columns that live in one table and shall live in another, whose rows a link joins to
// its own: what keeps them in step while two versions of the application write, each its own side.
// A plain description; Dialect turns it into the engine's triggers. Values go over as they are.
//
// What a row has at its default (NULL where there is none) it says nothing about. A table may be
// the other's part: there, a row that is missing says nothing about any column, and only what says
// something makes one. Of the rest, the rows of each table come and go by themselves.
//
//   both      INSERT: the other table has a row -> of a new row, what says nothing takes the other
//                     row's value, and the rest is written there; an old row does the one or the
//                     other as a whole. It has none, and is the part -> it is inserted
//             UPDATE: what changed is written to the other row. The link changed -> a row of the
//                     part goes with it; the whole's row that a part's row has left goes back to
//                     the defaults; a new row is met like an INSERT, and an old one is written as a
//                     whole. Of two tables that are no part of each other, an old row takes what
//                     its new match says, if that says something
//             DELETE: the part's row is deleted; the whole's goes back to the defaults
//   reverse   the new row is always written to the old one, which nobody else writes: an old row
//             that is inserted, or linked anew, takes what it meets
//             (after contract: fills the columns that are kept)
//
// A carried write fires the other table's trigger, which finds both in step and writes nothing:
// that ends the circle, without a session variable. It never makes a write fail that succeeded
// before: what the other table cannot take is left out, and verification finds it. So is a row of
// the part that is without its whole, and what several old rows with one link disagree about.
//
// What no engine can promise: a trigger cannot tell an explicit default from an omitted column.
// MySQL fires no trigger for a cascade, and lets none write the statement's own table (1442), so
// that a new value cannot be carried to the other rows of an old table with the same link. SQLite
// fires none for the rows that a REPLACE removes, unless recursive_triggers is on.

#include "sluice/db/table_parts.h"

#include <string>
#include <vector>

namespace sluice {

enum class LinkDirection { both, reverse };

/// An old column and the new one in its place: of one type, with one default.
struct LinkedColumn {
    Column from;
    Column to;
};

struct LinkedTable {
    TableName name;
    std::vector<Column> key;  ///< by which one of its rows is told from the others
    std::vector<Column> link; ///< in the order of the other's
    bool is_part = false;     ///< of the other
    bool has_unique_link = true;
};

struct LinkSync {
    std::string name; ///< unique in the database; trigger names are derived from it
    LinkedTable from;
    LinkedTable to;
    std::vector<LinkedColumn> columns;
    LinkDirection direction = LinkDirection::both;
};

} // namespace sluice
