#include "sluice/db/catalog.h"

namespace sluice {

std::string display(const TableName& table)
{
    return table.schema.empty() ? table.name : table.schema + "." + table.name;
}

} // namespace sluice
