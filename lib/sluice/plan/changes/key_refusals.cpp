#include "sluice/plan/changes/wider_key.h"
#include "sluice/plan/lookup.h"
#include "sluice/plan/names.h"
#include "sluice/plan/refusals.h"

#include <fmt/format.h>

namespace sluice {
namespace {

void refuse_laden_column(const Table& table, const Column& column, const Site& site)
{
    Table rest = table;
    rest.primary_key.clear(); // it moves with the column, and so does who refers to it
    rest.referenced_by.clear();
    Column plain = column;
    plain.is_identity = false;
    refuse_uncarried(rest, plain, site.dialect, site.location);
    refuse_name(table, twin_name(column.name, site.dialect), site.dialect, site.location);
    refuse_name(table, kept_name(column.name, site.dialect), site.dialect, site.location);
}

/// A primary key cannot be made of an index of a partitioned table that is there.
void refuse_partitions(const Table& table, const Site& site)
{
    refuse_unwalkable(table, site.location);
    if (table.kind != TableKind::plain) {
        refuse_at(site.location,
                  fmt::format("\"{}\" is partitioned or a partition, and its keys can only be made "
                              "with writers shut out",
                              display(table.name)),
                  "Give the table a successor with the wider key: copy_table.");
    }
}

void refuse_named_key(const Table& table, const Site& site)
{
    const std::string& name = table.key_index.name;
    for (const std::string& setting : table.settings) {
        if (setting.find(site.dialect.quote(name)) != std::string::npos ||
            setting.find(" " + name) != std::string::npos) {
            refuse_at(site.location,
                      fmt::format("the primary key of table \"{}\" is named by its replica "
                                  "identity, or its rows are clustered by it",
                                  display(table.name)),
                      "Choose another index for that in an earlier migration, or none.");
        }
    }
}

/// The twin has its default from contract on.
void refuse_default_rule(const Table& table, const ForeignKey& key, const Site& site)
{
    if (key.on_delete == "SET DEFAULT" || key.on_update == "SET DEFAULT") {
        refuse_at(site.location,
                  fmt::format("the foreign key \"{}\" of table \"{}\" sets a default, which a "
                              "column that is to take another's place has not",
                              key.name, display(table.name)),
                  "Drop it in an earlier migration with drop_constraint, and add it again with "
                  "add_foreign_key in a later one.");
    }
}

} // namespace

void refuse_laden(const WiderTable& wider, const Site& site)
{
    refuse_partitions(wider.table, site);
    for (const std::string& name : wider.columns) {
        refuse_laden_column(wider.table, *wider.table.find(name), site);
    }
    if (has_wider_key(wider)) {
        refuse_named_key(wider.table, site);
    }
    for (const ForeignKey& key : wider.foreign_keys) {
        refuse_default_rule(wider.table, key, site);
    }
}

} // namespace sluice
