#pragma once
// The kind of change that is about the values of an enumeration (migration/change.h).

#include "sluice/db/table.h"
#include "sluice/migration/engine_text.h"

#include <string>
#include <utility>
#include <vector>

namespace sluice {

/// kind = "change_enum": table, column, values, [map]
struct ChangeEnumChange {
    static constexpr const char* kind = "change_enum";
    TableName table;
    std::string column;
    std::vector<std::string> values; ///< all that there are to be, in their order
    /// What becomes of values that are not among them; each is one of them, as plain text.
    std::vector<std::pair<std::string, EngineText>> map;

    template <class Self, class Visit> static void each_key(Self& self, Visit visit)
    {
        visit("table", self.table);
        visit("column", self.column);
        visit("values", self.values);
        visit("map", self.map);
    }
};

} // namespace sluice
