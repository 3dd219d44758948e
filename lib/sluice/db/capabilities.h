#pragma once
// What an engine can do and what it cannot, declared by its dialect: nobody else asks which engine
// it is.

#include "sluice/db/default_pace.h"

namespace sluice {

/// What an old column that is NOT NULL and has no default needs so that an application which only
/// knows the new column can insert while a trigger fills the old one.
enum class RequiredColumn {
    filled_by_trigger, ///< nothing: NOT NULL is checked after the trigger
    needs_default,     ///< MySQL checks some statements before it: a temporary default
    must_be_nullable,  ///< SQLite checks all before it: NOT NULL is taken off meanwhile
};

/// When the rows that are there are held against a new CHECK or foreign key.
enum class ConstraintRows {
    validated, ///< by the engine: with the statement, or after it without a lock that matters
    verified,  ///< MySQL would shut writers out meanwhile: added without looking, verified after
};

/// How a primary key becomes a wider integer, with whatever refers to it.
enum class KeyWidening {
    by_twins,      ///< columns beside the old ones; all tables swap theirs in one transaction
    by_successors, ///< MySQL keeps rows in the key's order: tables beside the old ones
    needless,      ///< SQLite: the INTEGER of a primary key has 64 bits
};

/// Where the values of an enumeration are told.
enum class EnumTypes {
    named,     ///< by a type of its own, which a column has
    of_column, ///< by the column's type: ENUM('a', 'b')
    none,
};

struct Capabilities {
    bool transactional_ddl = false;   ///< DDL and our state rows commit together
    bool one_statement_batch = false; ///< bound, fence, work and reply in one round trip
    bool concurrent_index = false;    ///< indexes are built beside writers, in no transaction
    bool one_writer = false; ///< a single writer per database: rest at least a batch's time
    bool terminates_sessions = false; ///< a dead client's statement may go on; it can be ended
    bool replaces_not_null_by_check = false;
    bool sets_default_in_place = true; ///< SET DEFAULT leaves the rows that are there alone
    /// A UNIQUE is built beside a table that is there, which takes it up. Else the table is written
    /// anew with it.
    bool moves_unique_constraints = true;
    bool shares_sequences = false; ///< two tables can number their rows from one sequence
    bool writable_views = true;    ///< a view of a table is written as the table is
    RequiredColumn required_column = RequiredColumn::filled_by_trigger;
    ConstraintRows constraint_rows = ConstraintRows::validated;
    bool adds_checks = true;             ///< a CHECK, without copying the table
    bool cascades_fire_triggers = true;  ///< a foreign key's rule that writes a row does
    bool foreign_keys_join_types = true; ///< the two columns of a key may be of different types
    bool grants_go_by_name = false; ///< a privilege on a column stays with its name, not with it
    bool foreign_keys_need_index = false; ///< over the referring columns; made with the key
    bool names_keys_by_schema = false;    ///< a foreign key's name is known once in a schema
    bool triggers_write_own_table = true; ///< a trigger may write other rows of the table
    bool views_go_by_name = false; ///< they read what has the name, and do not follow what had it
    bool views_keep_row_security = true; ///< a table's row-level security holds through a view
    KeyWidening key_widening = KeyWidening::by_twins;
    EnumTypes enum_types = EnumTypes::named;
    DefaultPace pace;
};

} // namespace sluice
