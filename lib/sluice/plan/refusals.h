#pragma once
// What this release does not do, and what must not be done: each with the reason and a way out.
// All throw Error{refused}. Private to plan/.

#include "sluice/db/catalog.h"
#include "sluice/db/dialect.h"
#include "sluice/migration/change.h"

#include <string>

namespace sluice {

/// Views, foreign, virtual and temporary tables, and tables of an engine without transactions:
/// their rows cannot be walked in batches.
void refuse_unwalkable(const Table& table, const Location& location);

/// A column that something else depends on, which a change of its name or type would break: a key,
/// a foreign key, a generated column, a CHECK, an index over an expression, a view, a trigger.
void refuse_dependants(const Table& table, const Column& column, const Dialect& dialect,
                       const Location& location);

/// The same for a column that gets a twin, to which checks, foreign keys and indexes over
/// expressions are carried over where the engine can.
void refuse_uncarried(const Table& table, const Column& column, const Dialect& dialect,
                      const Location& location);

/// A column that the database fills by itself, in a way that cannot be moved to another column.
void refuse_self_filling(const Table& table, const Column& column, const Dialect& dialect,
                         const Location& location);

/// A column that is NOT NULL by its nature: of the primary key, or one that numbers itself.
void refuse_fixed_nullability(const Table& table, const Column& column, const Location& location);

/// A name that the table has already, or that the engine would not take.
void refuse_name(const Table& table, const std::string& name, const Dialect& dialect,
                 const Location& location);

/// A name for a table that something has already, or that the engine would not take. Gives the name
/// in full, with the schema where the engine has several.
[[nodiscard]] TableName new_table_name(const Catalog& catalog, const TableName& name,
                                       const Dialect& dialect, const Location& location);

/// A foreign key between the table and another: a row that is kept aside must neither stop the
/// application from changing what it refers to, nor be referred to by one that is not kept. Where
/// the engine fires no trigger for what a foreign key does to rows, none may be carried either.
void refuse_foreign_keys(const Table& table, const Location& location);

/// What would break if the table went by another name, or were gone.
void refuse_readers(const Table& table, const Catalog& catalog, const Dialect& dialect,
                    const Location& location);

/// An expression that gives another value each time it is evaluated, or that reads other rows.
void refuse_volatile(const std::string& sql, const std::string& what, const Dialect& dialect,
                     const Location& location);

} // namespace sluice
