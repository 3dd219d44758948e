#pragma once
// A table written anew: what the text of its CREATE TABLE cannot be edited to, because it changes
// what the file holds. In the transaction that is open: the table is put aside, made by its new
// text, filled with all rows (rowids and the counter of AUTOINCREMENT kept), and given its indexes
// and triggers again, letter by letter. Nothing else in the schema is touched: views, triggers of
// other tables and foreign keys go by the table's name. In the end no row may have lost what its
// foreign keys refer to.

#include <string>
#include <string_view>
#include <vector>

struct sqlite3;

namespace sluice {

/// One change of the text: what, and two words more.
///
///   "drop unique"        columns            -
///   "move unique"        columns            columns that it is over from then on
///   "add column unique"  the column         "CONSTRAINT once UNIQUE"
///   "add unique"         its index          "UNIQUE (""a"", ""b"")"
///
/// Columns are listed as in SQL. The index is named for its number among those of constraints.
struct TableEdit {
    std::string what;
    std::string first;
    std::string second;
};

/// Throws Error with SQLite's own code; the transaction is then to be rolled back.
void rebuild_table(sqlite3* database, const std::string& table,
                   const std::vector<TableEdit>& edits);

} // namespace sluice
