#pragma once
// The kinds of change that are about a column (migration/change.h).

#include "sluice/db/table.h"
#include "sluice/migration/engine_text.h"

#include <optional>
#include <string>

namespace sluice {

/// kind = "add_column": table, column, type, [default], [nullable = true], [up], [up_ok]
struct AddColumnChange {
    static constexpr const char* kind = "add_column";
    TableName table;
    std::string column;
    EngineText type;
    std::optional<EngineText> default_sql;
    bool nullable = true;
    std::optional<EngineText>
        up; ///< the value for rows that do not give one, from the row's other columns
    std::optional<EngineText> up_ok; ///< where `up` may be evaluated; NULL elsewhere

    template <class Self, class Visit> static void each_key(Self& self, Visit visit)
    {
        visit("table", self.table);
        visit("column", self.column);
        visit("type", self.type);
        visit("default", self.default_sql);
        visit("nullable", self.nullable);
        visit("up", self.up);
        visit("up_ok", self.up_ok);
    }
};

/// kind = "rename_column": table, from, to
struct RenameColumnChange {
    static constexpr const char* kind = "rename_column";
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

/// kind = "change_column": table, column, [type], [nullable], [default], [up], [down], [up_ok],
/// [down_ok], [collation], [comment], [identity]. At least one of type, nullable, default,
/// collation, comment, identity.
struct ChangeColumnChange {
    static constexpr const char* kind = "change_column";
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
    std::optional<EngineText> collation;
    std::optional<std::string> comment; ///< empty: none
    std::optional<bool> identity;       ///< it numbers itself from then on, or no longer

    template <class Self, class Visit> static void each_key(Self& self, Visit visit)
    {
        visit("table", self.table);
        visit("column", self.column);
        visit("type", self.type);
        visit("nullable", self.nullable);
        visit("default", self.default_sql);
        visit("up", self.up);
        visit("down", self.down);
        visit("up_ok", self.up_ok);
        visit("down_ok", self.down_ok);
        visit("collation", self.collation);
        visit("comment", self.comment);
        visit("identity", self.identity);
    }
};

/// kind = "drop_column": table, column, [down], [down_ok], [undo_fill]
struct DropColumnChange {
    static constexpr const char* kind = "drop_column";
    TableName table;
    std::string column;
    std::optional<EngineText> down; ///< fills the column for rows that the new application inserts
    std::optional<EngineText> down_ok;
    std::optional<EngineText>
        undo_fill; ///< for rows without a value, when a NOT NULL column comes back

    template <class Self, class Visit> static void each_key(Self& self, Visit visit)
    {
        visit("table", self.table);
        visit("column", self.column);
        visit("down", self.down);
        visit("down_ok", self.down_ok);
        visit("undo_fill", self.undo_fill);
    }
};

/// kind = "set_not_null": table, column. Every row is verified to have a value first.
struct SetNotNullChange {
    static constexpr const char* kind = "set_not_null";
    TableName table;
    std::string column;

    template <class Self, class Visit> static void each_key(Self& self, Visit visit)
    {
        visit("table", self.table);
        visit("column", self.column);
    }
};

/// kind = "drop_not_null": table, column
struct DropNotNullChange {
    static constexpr const char* kind = "drop_not_null";
    TableName table;
    std::string column;

    template <class Self, class Visit> static void each_key(Self& self, Visit visit)
    {
        visit("table", self.table);
        visit("column", self.column);
    }
};

} // namespace sluice
