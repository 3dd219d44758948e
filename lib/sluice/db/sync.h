#pragma once
// A sync: what keeps an old and a new shape of a value in step while two versions of the
// application write. A plain description; Dialect turns it into the engine's triggers. The rules
// are those of the change-of-shape literature with every trap that was measured closed: a trigger
// acts only on a row that is out of step, compares bytes and not collations, is total (it never
// makes a write fail that succeeded before), and never touches a row for an unrelated update.
//
//   both      INSERT: new NULL -> new := up(old); else old NULL or new is not up(old) ->
//                     old := down(new)
//             UPDATE: new changed and new is not up(old) -> old := down(new); else old changed and
//                     old is not down(new) -> new := up(old); else a key column changed and new
//                     IS NULL -> new := up(old)
//   forward   INSERT: new NULL -> new := up(row)
//             UPDATE: new unchanged and up(row) changed -> new := up(row); else a key column
//                     changed and new IS NULL -> new := up(row)
//             (no old column: add_column with up)
//   reverse   INSERT, and UPDATE where new changed: old := down(new)
//             (after contract: fills the kept column)
//   backward  INSERT: old NULL -> old := down(row)
//             (drop_column with down)
//
// What no engine can promise: a trigger cannot tell an explicit NULL from an omitted column, so an
// INSERT that gives NULL for new gets up(old). SQLite: the triggers run after the row was written,
// so RETURNING shows it as it was before. Expressions are resolved in the session of whoever
// writes: on PostgreSQL the application's search_path must find the functions they name.

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

struct Sync {
    std::string name; ///< unique in the database; trigger names are derived from it
    TableName table;
    std::vector<std::string> key; ///< primary key columns
    std::vector<Column> row;      ///< all columns of the table at the time, old and new included
    SyncDirection direction = SyncDirection::both;
    std::string old_column; ///< empty in `forward`
    std::string new_column; ///< empty in `backward`
    Type old_type;
    Type new_type;
    Conversion up;   ///< empty in reverse, backward
    Conversion down; ///< empty in forward
    /// The name by which down.expression calls the new value, where that is not new_column's own:
    /// the old column's, in a change_column before contract. Empty: new_column.
    std::string down_sees;
    /// The old column was NOT NULL and had to be made nullable for the triggers' sake
    /// (RequiredColumn::must_be_nullable): a row that gives neither side is refused, as before.
    bool is_required = false;
};

} // namespace sluice
