#pragma once
// A sync across two tables: what keeps a row of one and the row of the other with the same key in
// step while two versions of the application write, one to each table. A plain description; Dialect
// turns it into the engine's triggers. The rules are those of sync.h, for rows:
//
//   both      A write to either table is carried to the other after it was made.
//             INSERT: the other table has no such row -> it is inserted. It has one, and the write
//                     was to the new table -> refused as a duplicate, unless the rows are in step;
//                     was it to the old table -> left to verification
//             UPDATE: the key changed -> the other row takes the new key. A column of the other
//                     row is written where its value changed with this update, is not what the
//                     other row holds, and is not explained: every column that it is computed from
//                     is what the other row's way back gives. The other table has no such row ->
//                     it is inserted
//             DELETE: the other row is deleted
//   reverse   only writes to the new table are carried, and the old table's row always follows
//             (after contract: fills the table that is kept)
//
// A carried write fires the other table's trigger, which finds both rows in step and writes
// nothing: that ends the circle, without a session variable. So a row is always looked up as it is
// now, with a lock where a snapshot could be older (MySQL: LOCK IN SHARE MODE, which a trigger may
// take on the table of the statement; to write that table raises 1442 even where no row changes, so
// a write stands behind an IF).
//
// A carried write never makes a write fail that succeeded before: what the other table cannot take
// is left out, and verification finds it. A delete that the other table's foreign keys refuse is
// refused; so is a conflict between transactions, by the server's own rules. Where foreign keys
// refer to the other table, a new key that its row cannot take is refused, too, and on PostgreSQL a
// TRUNCATE where those are another table's: to delete the row instead would do to the rows that
// refer to it what nobody asked for. Two transactions that write both halves of one row at the same
// time, each through another table, deadlock: the server ends one of them.
//
// What no engine can promise: MySQL fires no trigger for a cascade or a TRUNCATE; SQLite fires none
// for the rows that a REPLACE removes by another key, unless recursive_triggers is on, and in a
// trigger the conflict clause of the outer statement stands before ours (INSERT OR ABORT, FAIL or
// ROLLBACK fails with what the other table cannot take). PostgreSQL: the function runs with the
// rights of who made it and a search_path of its own, so that rights on one table are enough to
// write both.

#include "sluice/db/sync.h"

#include <string>
#include <vector>

namespace sluice {

enum class TableSyncDirection { both, reverse };

/// A column that is written from a row of the other table.
struct CarriedColumn {
    Column column;
    Conversion value; ///< over the other table's columns, by their plain names
};

/// Who has foreign keys to a table.
enum class Referred { by_none, by_itself, by_others };

struct SyncedTable {
    TableName name;
    std::vector<std::string> key;       ///< in the order of the other table's
    std::vector<Column> row;            ///< all columns
    std::vector<CarriedColumn> carried; ///< without the key
    Referred referred = Referred::by_none;
};

struct TableSync {
    std::string name; ///< unique in the database; trigger names are derived from it
    SyncedTable from;
    SyncedTable to;
    TableSyncDirection direction = TableSyncDirection::both;
    /// The new table's key numbers itself, and must give no number that the old one has given.
    bool shares_numbers = false;
};

} // namespace sluice
