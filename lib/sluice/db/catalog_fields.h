#pragma once
// The members of a table, each named once for writing and for reading. Private to db/.

#include "sluice/db/catalog.h"
#include "sluice/db/table_part_fields.h"

namespace sluice {

template <class Visit> void fields_of(Visit& visit, Table& table)
{
    visit("name", table.name);
    visit("kind", table.kind);
    visit("columns", table.columns);
    visit("primary key", table.primary_key);
    visit("key index", table.key_index);
    visit("indexes", table.indexes);
    visit("checks", table.checks);
    visit("foreign keys", table.foreign_keys);
    visit("referenced by", table.referenced_by);
    visit("triggers", table.triggers);
    visit("views", table.views);
    visit("dependents", table.dependents);
    visit("settings", table.settings);
    visit("grants", table.grants);
    visit("comment", table.comment);
    visit("partition key", table.partition_key);
    visit("storage", table.storage);
    visit("collation", table.collation);
    visit("without rowid", table.without_rowid);
    visit("strict", table.strict);
    visit("folds case", table.folds_case);
}

} // namespace sluice
