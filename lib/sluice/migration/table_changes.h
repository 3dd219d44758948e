#pragma once
// The kinds of change that are about a whole table (migration/change.h).

#include "sluice/db/table.h"
#include "sluice/migration/engine_text.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sluice {

/// { name, type, [default], [nullable = true], [identity = false], [comment] } of a table that a
/// change makes.
struct ColumnDefinition {
    static constexpr const char* kind = "columns";
    std::string name;
    EngineText type;
    std::optional<EngineText> default_sql;
    bool nullable = true;
    bool identity = false; ///< it numbers itself
    std::optional<EngineText> comment;

    template <class Self, class Visit> static void each_key(Self& self, Visit visit)
    {
        visit("name", self.name);
        visit("type", self.type);
        visit("default", self.default_sql);
        visit("nullable", self.nullable);
        visit("identity", self.identity);
        visit("comment", self.comment);
    }
};

/// { name, columns, [unique = false], [where] } of a table that a change makes; `columns` as in
/// add_index.
struct IndexDefinition {
    static constexpr const char* kind = "indexes";
    std::string name;
    std::vector<EngineText> columns;
    bool unique = false;
    std::optional<EngineText> where;

    template <class Self, class Visit> static void each_key(Self& self, Visit visit)
    {
        visit("name", self.name);
        visit("columns", self.columns);
        visit("unique", self.unique);
        visit("where", self.where);
    }
};

/// kind = "create_table": table, columns, primary_key, [indexes]
struct CreateTableChange {
    static constexpr const char* kind = "create_table";
    TableName table;
    std::vector<ColumnDefinition> columns;
    std::vector<std::string> primary_key;
    std::vector<IndexDefinition> indexes;

    template <class Self, class Visit> static void each_key(Self& self, Visit visit)
    {
        visit("table", self.table);
        visit("columns", self.columns);
        visit("primary_key", self.primary_key);
        visit("indexes", self.indexes);
    }
};

/// A column of a successor: { name, type, [value], [value_ok], … as in create_table }. `value` is
/// SQL over a row of the old table; absent: its column of the same name.
struct CopiedColumn {
    static constexpr const char* kind = "columns";
    ColumnDefinition column;
    std::optional<EngineText> value;
    std::optional<EngineText> value_ok; ///< where `value` may be evaluated; NULL elsewhere

    template <class Self, class Visit> static void each_key(Self& self, Visit visit)
    {
        ColumnDefinition::each_key(self.column, visit);
        visit("value", self.value);
        visit("value_ok", self.value_ok);
    }
};

/// kind = "copy_table": table, to, columns, primary_key, [indexes], [downs]
struct CopyTableChange {
    static constexpr const char* kind = "copy_table";
    TableName table;
    TableName to;
    std::vector<CopiedColumn> columns;
    std::vector<std::string> primary_key;
    std::vector<IndexDefinition> indexes;
    /// Columns of the old table as SQL over a row of the new one. What a column of the new one
    /// holds as it is goes back by itself.
    std::vector<std::pair<std::string, EngineText>> downs;

    template <class Self, class Visit> static void each_key(Self& self, Visit visit)
    {
        visit("table", self.table);
        visit("to", self.to);
        visit("columns", self.columns);
        visit("primary_key", self.primary_key);
        visit("indexes", self.indexes);
        visit("downs", self.downs);
    }
};

/// kind = "drop_table": table
struct DropTableChange {
    static constexpr const char* kind = "drop_table";
    TableName table;

    template <class Self, class Visit> static void each_key(Self& self, Visit visit)
    {
        visit("table", self.table);
    }
};

/// kind = "rename_table": table, to
struct RenameTableChange {
    static constexpr const char* kind = "rename_table";
    TableName table;
    TableName to; ///< in the same schema

    template <class Self, class Visit> static void each_key(Self& self, Visit visit)
    {
        visit("table", self.table);
        visit("to", self.to);
    }
};

} // namespace sluice
