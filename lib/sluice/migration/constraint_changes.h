#pragma once
// The kinds of change that are about a rule over rows (migration/change.h).

#include "sluice/db/table.h"
#include "sluice/migration/engine_text.h"

#include <optional>
#include <string>
#include <vector>

namespace sluice {

/// kind = "add_check": table, name, check. Every row is verified to keep to it first.
struct AddCheckChange {
    static constexpr const char* kind = "add_check";
    TableName table;
    std::string name;
    EngineText check; ///< boolean SQL over a row; NULL is kept to

    template <class Self, class Visit> static void each_key(Self& self, Visit visit)
    {
        visit("table", self.table);
        visit("name", self.name);
        visit("check", self.check);
    }
};

/// kind = "add_foreign_key": table, name, columns, references, [referenced_columns], [on_delete],
/// [on_update]. Every row is verified to keep to it first.
struct AddForeignKeyChange {
    static constexpr const char* kind = "add_foreign_key";
    TableName table;
    std::string name;
    std::vector<std::string> columns;
    TableName references;
    std::vector<std::string> referenced_columns; ///< empty: the primary key
    std::optional<std::string> on_delete;        ///< "CASCADE", "SET NULL", …
    std::optional<std::string> on_update;

    template <class Self, class Visit> static void each_key(Self& self, Visit visit)
    {
        visit("table", self.table);
        visit("name", self.name);
        visit("columns", self.columns);
        visit("references", self.references);
        visit("referenced_columns", self.referenced_columns);
        visit("on_delete", self.on_delete);
        visit("on_update", self.on_update);
    }
};

/// kind = "add_unique": table, name, columns, [nulls_not_distinct = false]
struct AddUniqueChange {
    static constexpr const char* kind = "add_unique";
    TableName table;
    std::string name;
    std::vector<std::string> columns;
    bool nulls_not_distinct = false;

    template <class Self, class Visit> static void each_key(Self& self, Visit visit)
    {
        visit("table", self.table);
        visit("name", self.name);
        visit("columns", self.columns);
        visit("nulls_not_distinct", self.nulls_not_distinct);
    }
};

/// kind = "drop_constraint": table, name
struct DropConstraintChange {
    static constexpr const char* kind = "drop_constraint";
    TableName table;
    std::string name;

    template <class Self, class Visit> static void each_key(Self& self, Visit visit)
    {
        visit("table", self.table);
        visit("name", self.name);
    }
};

/// kind = "rename_constraint": table, from, to
struct RenameConstraintChange {
    static constexpr const char* kind = "rename_constraint";
    TableName table;
    std::string from;
    std::string to;

    template <class Self, class Visit> static void each_key(Self& self, Visit visit)
    {
        visit("table", self.table);
        visit("from", self.from);
        visit("to", self.to);
    }
};

} // namespace sluice
