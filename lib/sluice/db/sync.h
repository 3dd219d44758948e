#pragma once
// A sync: what keeps an old and a new shape of a value in step while two versions of the
// application write. A shape is one column or several: a rename has one of each, a split several
// new ones, a merge several old ones. A plain description; Dialect turns it into the engine's
// triggers. The rules are those of the change-of-shape literature with every trap that was measured
// closed: a trigger acts only on a row that is out of step, compares bytes and not collations, is
// total (it never makes a write fail that succeeded before), and never touches a row for an
// unrelated update. A shape is written as a whole: `new := up(old)` sets every new column.
//
//   both      INSERT: every new NULL -> new := up(old); else every old NULL or a new is not its up
//                     -> old := down(new)
//             UPDATE: a new changed and a new is not its up -> old := down(new), after those that
//                     did not change were filled where every new was NULL; else an old changed and
//                     an old is not its down -> new := up(old); else a key column changed and every
//                     new IS NULL -> new := up(old)
//   forward   INSERT: new NULL -> new := up(row)
//             UPDATE: new unchanged and up(row) changed -> new := up(row); else a key column
//                     changed and new IS NULL -> new := up(row)
//             (one new column and no old one: add_column with up)
//   reverse   INSERT, and UPDATE where a new changed: old := down(new)
//             (after contract: fills what is kept)
//   backward  INSERT: old NULL -> old := down(row)
//             (one old column and no new one: drop_column with down)
//
// What no engine can promise: a trigger cannot tell an explicit NULL from an omitted column, so an
// INSERT that gives NULL for every new column gets up(old). SQLite: the triggers run after the row
// was written, so RETURNING shows it as it was before. On PostgreSQL the functions and types that
// expressions name are found by sluice's search_path, whatever that of whoever writes is.

#include "sluice/db/catalog.h"

#include <string>
#include <vector>

namespace sluice {

enum class SyncDirection { both, forward, reverse, backward };

/// An SQL expression over the table's columns by their plain names, with the test of its domain.
/// Outside the domain, and where evaluating it raises an error, the value is NULL.
struct Conversion {
    std::string expression;
    std::string domain;    ///< boolean SQL; empty: everywhere
    bool is_total = false; ///< known never to raise (a plain column, a cast whose domain test is
                           ///< exact); no guard needed
};

/// A column of either shape, and its value over the other one.
struct SyncedColumn {
    std::string name;
    /// An old column's down, a new one's up; empty where the direction has no use for it.
    Conversion value;
    /// An old column was NOT NULL and had to be made nullable for the triggers' sake
    /// (RequiredColumn::must_be_nullable): a row that gives neither side is refused, as before.
    bool is_required = false;
};

struct Sync {
    std::string name; ///< unique in the database; trigger names are derived from it
    TableName table;
    std::vector<std::string> key; ///< primary key columns
    std::vector<Column> row;      ///< all columns of the table at the time, old and new included
    SyncDirection direction = SyncDirection::both;
    std::vector<SyncedColumn> olds; ///< empty in `forward`
    std::vector<SyncedColumn> news; ///< empty in `backward`
    /// The name by which down calls the only new value, where that is not the column's own: the old
    /// column's, in a change_column before contract. Empty: the columns' own names.
    std::string down_sees;
};

} // namespace sluice
