#pragma once
// The kinds of change that are about a table's key (migration/change.h).

#include "sluice/db/table.h"
#include "sluice/migration/engine_text.h"

#include <string>

namespace sluice {

/// kind = "change_primary_key": table, column, type. Whatever refers to the column by a foreign key
/// is found in the database, and gets the type with it.
struct ChangePrimaryKeyChange {
    static constexpr const char* kind = "change_primary_key";
    TableName table;
    std::string column;
    EngineText type;

    template <class Self, class Visit> static void each_key(Self& self, Visit visit)
    {
        visit("table", self.table);
        visit("column", self.column);
        visit("type", self.type);
    }
};

} // namespace sluice
