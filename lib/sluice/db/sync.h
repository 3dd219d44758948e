#pragma once
// A sync: what keeps an old and a new shape of a value in step while two versions of the
// application write. A plain description; Dialect turns it into the engine's triggers. The rules
// are those of the change-of-shape literature with every trap that was measured closed: a trigger
// acts only on a row that is out of step, compares bytes and not collations, is total (it never
// makes a write fail that succeeded before), and never touches a row for an unrelated update.
//
//   both     INSERT: new NULL -> new := up(old); else old NULL or new is not up(old) -> old :=
//   down(new)
//            UPDATE: new changed and new is not up(old) -> old := down(new); else old changed ->
//            new := up(old);
//                    else a key column changed and new IS NULL -> new := up(old)
//   forward  INSERT: new NULL -> new := up(row).  UPDATE: new unchanged and up(row) changed -> new
//   := up(row);
//                    else a key column changed and new IS NULL -> new := up(row)             (no
//                    old column: add_column with up)
//   reverse  INSERT, and UPDATE where new changed: old := down(new) (after contract: fills the kept
//   column) backward INSERT: old NULL -> old := down(row) (drop_column with down)

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
};

} // namespace sluice
