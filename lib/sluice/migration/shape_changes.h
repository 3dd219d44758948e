#pragma once
// The kinds of change that make other columns of the same table out of some (migration/change.h).

#include "sluice/db/table.h"
#include "sluice/migration/engine_text.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sluice {

/// { name, type, up, [up_ok], [nullable = true], [default], [collation], [comment] }: a new column.
struct IntoColumn {
    static constexpr const char* kind = "into";
    std::string name;
    EngineText type;
    EngineText up;                   ///< over the old columns' names
    std::optional<EngineText> up_ok; ///< where `up` may be evaluated; NULL elsewhere
    bool nullable = true;
    std::optional<EngineText> default_sql;
    std::optional<EngineText> collation; ///< absent: the old column's
    std::optional<EngineText> comment;

    template <class Self, class Visit> static void each_key(Self& self, Visit visit)
    {
        visit("name", self.name);
        visit("type", self.type);
        visit("up", self.up);
        visit("up_ok", self.up_ok);
        visit("nullable", self.nullable);
        visit("default", self.default_sql);
        visit("collation", self.collation);
        visit("comment", self.comment);
    }
};

/// kind = "split_column": table, column, into, down, [down_ok]
struct SplitColumnChange {
    static constexpr const char* kind = "split_column";
    TableName table;
    std::string column;
    std::vector<IntoColumn> into; ///< two or more
    EngineText down;              ///< over the new columns' names
    std::optional<EngineText> down_ok;

    template <class Self, class Visit> static void each_key(Self& self, Visit visit)
    {
        visit("table", self.table);
        visit("column", self.column);
        visit("into", self.into);
        visit("down", self.down);
        visit("down_ok", self.down_ok);
    }
};

/// kind = "merge_columns": table, columns, into, downs
struct MergeColumnsChange {
    static constexpr const char* kind = "merge_columns";
    TableName table;
    std::vector<std::string> columns; ///< two or more
    IntoColumn into;
    std::vector<std::pair<std::string, EngineText>> downs; ///< each over the new column's name

    template <class Self, class Visit> static void each_key(Self& self, Visit visit)
    {
        visit("table", self.table);
        visit("columns", self.columns);
        visit("into", self.into);
        visit("downs", self.downs);
    }
};

} // namespace sluice
