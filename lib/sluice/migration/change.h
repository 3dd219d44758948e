#pragma once
// What a migration file may declare: a kind of change and its parameters, as written, not yet held
// against a database.

#include "sluice/db/catalog.h"
#include "sluice/db/url.h"

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace sluice {

/// A text that may differ by engine: `sql = "…"` for all, or `sql = { postgresql = "…", mysql =
/// "…", sqlite = "…" }`
/// (`mariadb` is accepted for MariaDB alone and goes before `mysql` there).
struct EngineText {
    std::string all;
    std::map<std::string, std::string> by_engine; ///< keys: postgresql, mysql, mariadb, sqlite

    /// The text for this engine, or nullopt where none was given for it.
    [[nodiscard]] std::optional<std::string> text_for(Engine engine, bool is_mariadb) const;
    friend bool operator==(const EngineText&, const EngineText&) = default;
};

/// Where in which file something stands; line and column count from 1.
struct Location {
    std::string file;
    int line = 0;
    int column = 0;

    [[nodiscard]] std::string display() const; ///< "migrations/…_users.toml:12:3"
};

/// kind = "add_column": table, column, type, [default], [nullable = true], [up], [up_ok]
struct AddColumnChange {
    TableName table;
    std::string column;
    EngineText type;
    std::optional<EngineText> default_sql;
    bool nullable = true;
    std::optional<EngineText>
        up; ///< the value for rows that do not give one, from the row's other columns
    std::optional<EngineText> up_ok; ///< where `up` may be evaluated; NULL elsewhere
};

/// kind = "rename_column": table, from, to
struct RenameColumnChange {
    TableName table;
    std::string from;
    std::string to;
};

/// kind = "change_column": table, column, [type], [nullable], [default], [up], [down], [up_ok],
/// [down_ok]. At least one of type, nullable.
struct ChangeColumnChange {
    TableName table;
    std::string column;
    std::optional<EngineText> type;
    std::optional<bool> nullable;
    std::optional<EngineText> default_sql; ///< in terms of the new type; absent: the old default,
                                           ///< converted where it can be
    std::optional<EngineText> up;          ///< over the old column's name, gives the new value
    std::optional<EngineText>
        down; ///< over the same name, which then means the new value; gives the old one
    std::optional<EngineText> up_ok;
    std::optional<EngineText> down_ok;
};

/// kind = "drop_column": table, column, [down], [down_ok], [undo_fill]
struct DropColumnChange {
    TableName table;
    std::string column;
    std::optional<EngineText> down; ///< fills the column for rows that the new application inserts
    std::optional<EngineText> down_ok;
    std::optional<EngineText>
        undo_fill; ///< for rows without a value, when a NOT NULL column comes back
};

using ChangeKind =
    std::variant<AddColumnChange, RenameColumnChange, ChangeColumnChange, DropColumnChange>;

struct Change {
    ChangeKind kind;
    Location location;
};

/// The names of the kinds, in the order in which help and templates list them.
[[nodiscard]] const std::vector<std::string>& change_kinds();
[[nodiscard]] std::string kind_name(const Change& change);
[[nodiscard]] const TableName& table_of(const Change& change);

} // namespace sluice
