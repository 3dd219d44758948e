#include "sluice/plan/changes/new_table.h"
#include "sluice/plan/changes/outline.h"

#include <fmt/format.h>

namespace sluice {

/// The table is there before the application that wants it, so it is made in expand.
Outline outline(const CreateTableChange& change, const Ground& ground)
{
    const Table table = table_of({.name = change.table,
                                  .columns = change.columns,
                                  .primary_key = change.primary_key,
                                  .indexes = change.indexes},
                                 ground);
    return {.expand = {{.table = table.name, .alterations = {CreateTable{table, {}}}}},
            .notes = {fmt::format("A rollback drops \"{}\" with all rows that were written to it.",
                                  display(table.name))},
            .table = table.name,
            .whole_tables = {table.name}};
}

} // namespace sluice
