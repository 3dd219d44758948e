#pragma once
// The alterations that are about a type with a name, for the sake of a table's column.

#include "sluice/db/enum_type.h"
#include "sluice/db/table_name.h"

namespace sluice {

/// Whoever owns and may use `rights_of`, a type of another name, has the same rights on this one.
struct CreateEnum {
    TableName table;
    EnumType type;
    TableName rights_of;
};

struct DropEnum {
    TableName table;
    EnumType type; ///< as it was, so that the inverse can be made
    TableName rights_of;
};

/// Within its schema. Columns, defaults and indexes follow it.
struct RenameEnum {
    TableName table;
    EnumType from;
    EnumType to; ///< the same but for its name
};

} // namespace sluice
