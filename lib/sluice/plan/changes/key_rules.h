#pragma once
// What a foreign key does to rows by itself. Private to plan/.

#include "sluice/db/table_parts.h"

#include <string>

namespace sluice {

/// Of one of its rules: it writes or deletes rows, where others refuse.
[[nodiscard]] inline bool acts(const std::string& rule)
{
    return !rule.empty() && rule != "RESTRICT";
}

[[nodiscard]] inline bool acts(const ForeignKey& key)
{
    return acts(key.on_delete) || acts(key.on_update);
}

} // namespace sluice
