#pragma once
// The kinds of change that are about an index (migration/change.h).

#include "sluice/db/table.h"
#include "sluice/migration/engine_text.h"

#include <optional>
#include <string>
#include <vector>

namespace sluice {

/// kind = "add_index": table, name, columns, [unique = false], [where], [include], [method],
/// [nulls_not_distinct = false]
struct AddIndexChange {
    static constexpr const char* kind = "add_index";
    TableName table;
    std::string name;
    /// As in CREATE INDEX: "email", "created_at DESC NULLS LAST", "title(20)", "(lower(email))".
    std::vector<EngineText> columns;
    bool unique = false;
    std::optional<EngineText> where;
    std::vector<std::string> include;
    std::optional<EngineText> method;
    bool nulls_not_distinct = false;

    template <class Self, class Visit> static void each_key(Self& self, Visit visit)
    {
        visit("table", self.table);
        visit("name", self.name);
        visit("columns", self.columns);
        visit("unique", self.unique);
        visit("where", self.where);
        visit("include", self.include);
        visit("method", self.method);
        visit("nulls_not_distinct", self.nulls_not_distinct);
    }
};

/// kind = "drop_index": table, name
struct DropIndexChange {
    static constexpr const char* kind = "drop_index";
    TableName table;
    std::string name;

    template <class Self, class Visit> static void each_key(Self& self, Visit visit)
    {
        visit("table", self.table);
        visit("name", self.name);
    }
};

} // namespace sluice
