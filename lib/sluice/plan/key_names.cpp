#include "sluice/plan/key_names.h"

#include <algorithm>
#include <cctype>

namespace sluice {

/// Measured on MariaDB 10.11, for RENAME TABLE and ALTER TABLE … RENAME.
bool goes_with_table(const ForeignKey& key, const TableName& table)
{
    const std::string prefix = table.name + "_ibfk_";
    return key.name.rfind(prefix, 0) == 0 && key.name.size() > prefix.size() &&
           std::all_of(key.name.begin() + static_cast<std::ptrdiff_t>(prefix.size()),
                       key.name.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
}

std::string key_name_after(const ForeignKey& key, const TableName& from, const TableName& to,
                           const Dialect& dialect)
{
    const bool follows = dialect.capabilities().names_keys_by_schema && goes_with_table(key, from);
    return follows ? to.name + key.name.substr(from.name.size()) : key.name;
}

} // namespace sluice
