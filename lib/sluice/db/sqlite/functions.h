#pragma once

// SQL functions that sluice registers on its own SQLite connections, so that the edits of
// sqlite_schema that ALTER TABLE cannot make are plain SQL steps, made inside the action's
// transaction from the text that stands there at that moment:
//
//   sluice_with_not_null(sql, column)      sluice_without_not_null(sql, column)
//   sluice_with_default(sql, column, value or NULL)
//   sluice_with_index_name(sql, name)
//   sluice_refuse(message)                 raises an error with this text
//   sluice_rebuild(table, what, first, second, …)   writes the table anew: rebuild.h
//
// Nothing that stays in the database (a trigger, an index) uses them: the application's connections
// do not have them.

namespace sluice {

/// `handle` is the sqlite3*. (SOCI's header puts that type into a namespace of its own.) Throws
/// Error{internal} where SQLite does not take them.
void register_functions(void* handle);

} // namespace sluice
