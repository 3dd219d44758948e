#pragma once
// The kinds of change that are about rows (migration/change.h).

#include "sluice/db/table.h"
#include "sluice/migration/engine_text.h"

#include <string>
#include <vector>

namespace sluice {

/// kind = "purge_rows": table, where, [key]. They do not come back.
struct PurgeRowsChange {
    static constexpr const char* kind = "purge_rows";
    TableName table;
    EngineText where;
    std::vector<std::string> key; ///< empty: the primary key

    template <class Self, class Visit> static void each_key(Self& self, Visit visit)
    {
        visit("table", self.table);
        visit("where", self.where);
        visit("key", self.key);
    }
};

} // namespace sluice
