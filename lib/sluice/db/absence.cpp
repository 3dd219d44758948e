#include "sluice/db/absence.h"

namespace sluice {

std::string absent(const Dialect& dialect, const Column& column)
{
    return column.default_sql ? dialect.cast(*column.default_sql, column.type) : "NULL";
}

std::string says(const Dialect& dialect, const Column& column, const std::string& value)
{
    return column.default_sql ? dialect.differs(value, absent(dialect, column), column.type)
                              : value + " IS NOT NULL";
}

} // namespace sluice
