#include "sluice/db/tokens.h"
#include "sluice/plan/lookup.h"
#include "sluice/plan/names.h"
#include "sluice/plan/refusals.h"

#include <fmt/format.h>

namespace sluice {
namespace {

/// The trigger of another table that names this one.
void refuse_foreign_triggers(const Table& table, const Catalog& catalog, const Dialect& dialect,
                             const Location& location)
{
    for (const Table& other : catalog.tables) {
        if (other.name == table.name) {
            continue;
        }
        for (const Trigger& trigger : other.triggers) {
            if (mentions(trigger.body, table.name.name, dialect.server().engine)) {
                refuse_at(location,
                          fmt::format("the trigger \"{}\" of table \"{}\" names table \"{}\"",
                                      trigger.name, display(other.name), display(table.name)),
                          "Rewrite the trigger in an earlier migration so that it does without "
                          "the table.");
            }
        }
    }
}

} // namespace

TableName new_table_name(const Catalog& catalog, const TableName& name, const Dialect& dialect,
                         const Location& location)
{
    TableName full = name;
    if (full.schema.empty() && !catalog.search_path.empty()) {
        full.schema = catalog.search_path.front();
    }
    if (const auto reason = dialect.name_refusal(full.name)) {
        refuse_at(location, fmt::format("the name \"{}\" {}", full.name, *reason),
                  "Choose another name.");
    }
    const Table* taken = catalog.find(full);
    if (taken != nullptr && is_reserved(full.name)) {
        refuse_at(location,
                  fmt::format("there still is table \"{}\" of an earlier migration", display(full)),
                  "Finish that one first: `sluice status`, then `sluice purge`.");
    }
    if (taken != nullptr) {
        refuse_at(location,
                  fmt::format("there is a {} \"{}\" already",
                              taken->kind == TableKind::view ? "view" : "table", display(full)),
                  "Choose another name, or remove the change if it was made by hand.");
    }
    return full;
}

void refuse_foreign_keys(const Table& table, const Location& location)
{
    for (const ForeignKey& key : table.referenced_by) {
        if (key.referenced != table.name) {
            refuse_at(location,
                      fmt::format("the foreign key \"{}\" of table \"{}\" refers to \"{}\"",
                                  key.name, display(key.referenced), display(table.name)),
                      "Drop that foreign key in an earlier migration.");
        }
    }
    if (!table.foreign_keys.empty()) {
        const ForeignKey& key = table.foreign_keys.front();
        refuse_at(location,
                  fmt::format("the foreign key \"{}\" of table \"{}\" would go on holding rows of "
                              "\"{}\" until purge",
                              key.name, display(table.name), display(key.referenced)),
                  "Drop that foreign key in an earlier migration.");
    }
}

void refuse_readers(const Table& table, const Catalog& catalog, const Dialect& dialect,
                    const Location& location)
{
    if (!table.views.empty()) {
        refuse_at(location,
                  fmt::format("the view \"{}\" reads table \"{}\"",
                              display(table.views.front().name), display(table.name)),
                  "Drop the view in an earlier migration, and make it again in a later one.");
    }
    for (const Trigger& trigger : table.triggers) {
        if (trigger.name.find("sluice_") != std::string::npos) {
            refuse_at(location,
                      fmt::format("an earlier migration that changes table \"{}\" is not finished",
                                  display(table.name)),
                      "Finish that one first: `sluice status`, then `sluice contract` and `sluice "
                      "purge`.");
        }
    }
    refuse_foreign_triggers(table, catalog, dialect, location);
}

} // namespace sluice
