#pragma once
// An alteration: one elementary change of a schema, as a value. The planner composes them, invert()
// gives the way back, and a Dialect renders a group of them into the statements of its engine: how
// many, in which transaction, under which lock. Adding a kind of change to sluice means composing
// these; adding an engine means rendering them.

#include "sluice/db/catalog.h"
#include "sluice/db/key_alteration.h"
#include "sluice/db/link_alteration.h"
#include "sluice/db/sync.h"
#include "sluice/db/table_alteration.h"
#include "sluice/db/type_alteration.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace sluice {

struct AddColumn {
    TableName table;
    Column column;
};

struct DropColumn {
    TableName table;
    Column column; ///< as it was, so that the inverse can be made
};

struct RenameColumn {
    TableName table;
    std::string from;
    std::string to;
};

/// Sets (`to` given) or drops the default. Rows that are there keep their values. A column that is
/// kept aside needs no such thing: its default harms nobody, and the trigger writes over it.
struct SetDefault {
    TableName table;
    Column column; ///< its definition, MySQL needs it
    std::optional<std::string> from;
    std::optional<std::string> to;
};

/// An empty comment is none.
struct SetComment {
    TableName table;
    Column column; ///< its definition, MySQL needs it; with the comment before
    std::string to;
};

enum class Nullability { nullable, not_null };

/// `column` is the definition before, with its name at this point of the group. To not_null:
/// validated first, without a long lock where the engine can.
struct SetNullability {
    TableName table;
    Column column;
    Nullability to = Nullability::nullable;
};

struct CreateIndex {
    TableName table;
    Index index;
};

struct DropIndex {
    TableName table;
    Index index;
};

struct RenameIndex {
    TableName table;
    std::string from;
    std::string to;
    bool is_constraint = false;
};

/// A rule over rows. UNIQUE is an Index, NOT NULL is a column's.
using Constraint = std::variant<Check, ForeignKey>;

/// The rows that are there are held against it, without a long lock where the engine can: see
/// Capabilities::constraint_rows.
struct AddConstraint {
    TableName table;
    Constraint constraint;
};

struct DropConstraint {
    TableName table;
    Constraint constraint; ///< as it was, so that the inverse can be made
};

struct RenameConstraint {
    TableName table;
    Constraint constraint; ///< as it was
    std::string to;
};

/// What was added to take the place of a constraint that is gone takes its name. The way back drops
/// it, before whatever it keeps from going.
struct AdoptConstraint {
    TableName table;
    Constraint constraint; ///< as it was added
    std::string to;
};

struct CreateSync {
    Sync sync;
};

struct DropSync {
    Sync sync;
};

/// The triggers of `from` become those of `to` (same name, same table) together with the rest of
/// the group.
struct ReplaceSync {
    Sync from;
    Sync to;
};

using Alteration =
    std::variant<AddColumn, DropColumn, RenameColumn, SetDefault, SetComment, SetNullability,
                 CreateIndex, DropIndex, RenameIndex, AddConstraint, DropConstraint,
                 RenameConstraint, CreateSync, DropSync, ReplaceSync, CreateTable, DropTable,
                 RenameTable, CreateAlias, DropAlias, CreateTableSync, DropTableSync,
                 ReplaceTableSync, AdoptConstraint, MovePrimaryKey, MoveSequence, CreateLinkSync,
                 DropLinkSync, ReplaceLinkSync, MoveUnique, SetIdentity, KeepNumbers, ForgetNumbers,
                 CreateEnum, DropEnum, RenameEnum>;

[[nodiscard]] const std::string& name_of(const Constraint& constraint);
[[nodiscard]] Constraint with_name(Constraint constraint, const std::string& name);

/// The table that it is about; of two, the new one.
[[nodiscard]] const TableName& table_of(const Alteration& alteration);

/// The alteration that undoes this one.
[[nodiscard]] Alteration invert(const Alteration& alteration);
/// All of them, last first.
[[nodiscard]] std::vector<Alteration> invert(const std::vector<Alteration>& group);

} // namespace sluice
