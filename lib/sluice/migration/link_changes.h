#pragma once
// The kinds of change that move columns into another table, to whose rows a link leads
// (migration/change.h).

#include "sluice/migration/table_changes.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sluice {

/// kind = "split_table": table, into, columns, [indexes]
struct SplitTableChange {
    static constexpr const char* kind = "split_table";
    TableName table;
    TableName into;                   ///< a new table with the same primary key
    std::vector<std::string> columns; ///< that move, as they are
    std::vector<IndexDefinition> indexes;

    template <class Self, class Visit> static void each_key(Self& self, Visit visit)
    {
        visit("table", self.table);
        visit("into", self.into);
        visit("columns", self.columns);
        visit("indexes", self.indexes);
    }
};

/// kind = "merge_tables": table, into, columns, [on]
struct MergeTablesChange {
    static constexpr const char* kind = "merge_tables";
    TableName table; ///< goes away
    TableName into;
    std::vector<std::string> columns; ///< that move, as they are
    /// A column of the table's key = the column of `into` that is the same; absent: primary key by
    /// primary key.
    std::vector<std::pair<std::string, EngineText>> on;

    template <class Self, class Visit> static void each_key(Self& self, Visit visit)
    {
        visit("table", self.table);
        visit("into", self.into);
        visit("columns", self.columns);
        visit("on", self.on);
    }
};

/// kind = "move_column": table, column, to, on, [as]
struct MoveColumnChange {
    static constexpr const char* kind = "move_column";
    TableName table;
    std::string column;
    TableName to;
    /// A column of the table = the column of `to` that it leads to; those are a key there.
    std::vector<std::pair<std::string, EngineText>> on;
    std::optional<std::string> as; ///< absent: it keeps its name

    template <class Self, class Visit> static void each_key(Self& self, Visit visit)
    {
        visit("table", self.table);
        visit("column", self.column);
        visit("to", self.to);
        visit("on", self.on);
        visit("as", self.as);
    }
};

} // namespace sluice
