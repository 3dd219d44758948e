#include "sluice/plan/changes/table_keys.h"

#include "sluice/plan/lookup.h"
#include "sluice/plan/refusals.h"
#include "sluice/plan/simulate.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace sluice {
namespace {

bool is_of(const TableName& named, const TableName& table, const Catalog& catalog)
{
    const Table* found = catalog.find(named);
    return found != nullptr && found->name == table;
}

std::string way_out(const ForeignKey& key)
{
    const std::string table = display(key.referenced);
    return key.name.empty()
               ? fmt::format("It has no name by which it could be dropped: drop \"{}\" first, "
                             "further up in this file or in an earlier migration; or write the "
                             "phases out: `sluice new sql`.",
                             table)
               : fmt::format("Drop it first, further up in this file or in an earlier migration: "
                             "kind = \"drop_constraint\", table = \"{}\", name = \"{}\".",
                             table, key.name);
}

/// A key that comes back names what it refers to, and that is a view for as long as the other name
/// is its own.
void refuse_renamed(const ForeignKey& key, const Site& site)
{
    for (const Change& change : site.changes) {
        const auto* rename = std::get_if<RenameTableChange>(&change.kind);
        if (rename != nullptr && is_of(rename->table, key.referenced, site.catalog)) {
            refuse_at(site.location,
                      fmt::format("\"{}\" refers to \"{}\", which the same migration renames: a "
                                  "rollback could not bring its foreign key back",
                                  display(site.table.name), display(key.referenced)),
                      "Make them one after the other, in a migration each.");
        }
    }
}

} // namespace

/// A constraint goes in expand, a table in contract: that has to stand further up.
bool is_dropped(const ForeignKey& key, const Site& site)
{
    bool is_before = true;
    for (const Change& change : site.changes) {
        is_before = is_before && &change.location != &site.location;
        const auto* constraint = std::get_if<DropConstraintChange>(&change.kind);
        const auto* table = std::get_if<DropTableChange>(&change.kind);
        if (constraint != nullptr && constraint->name == key.name &&
            is_of(constraint->table, key.referenced, site.catalog)) {
            return true;
        }
        if (is_before && table != nullptr && is_of(table->table, key.referenced, site.catalog)) {
            return true;
        }
    }
    return false;
}

void refuse_referring(const Site& site)
{
    for (const ForeignKey& key : site.table.referenced_by) {
        if (key.referenced != site.table.name && !is_dropped(key, site)) {
            refuse_at(site.location,
                      fmt::format("the foreign key {}of table \"{}\" refers to \"{}\"",
                                  key.name.empty() ? "" : "\"" + key.name + "\" ",
                                  display(key.referenced), display(site.table.name)),
                      way_out(key));
        }
    }
}

Table lacking(Table table, const std::vector<ForeignKey>& keys)
{
    std::erase_if(table.foreign_keys, [&](const ForeignKey& key) {
        return std::find(keys.begin(), keys.end(), key) != keys.end();
    });
    return table;
}

Table put_aside(const Site& site, const TableName& to)
{
    return altered(site.table, RenameTable{site.table.name, to}, site.dialect);
}

std::vector<ForeignKey> keys_to_others(const Table& table)
{
    std::vector<ForeignKey> keys;
    std::copy_if(table.foreign_keys.begin(), table.foreign_keys.end(), std::back_inserter(keys),
                 [&](const ForeignKey& key) { return key.referenced != table.name; });
    return keys;
}

std::vector<Group> without_keys(const Table& aside, const std::vector<ForeignKey>& keys,
                                const Site& site)
{
    if (keys.empty()) {
        return {};
    }
    if (site.table.kind != TableKind::plain) {
        refuse_at(site.location,
                  fmt::format("\"{}\" is partitioned, and the foreign key \"{}\" could not be "
                              "brought back by a rollback without shutting writers out while its "
                              "rows are read",
                              display(site.table.name), keys.front().name),
                  "Drop that foreign key in an earlier migration, for a time at which nobody "
                  "writes, with phases of your own: `sluice new sql`.");
    }
    Group group{.table = aside.name,
                .reason = fmt::format("rows of \"{}\" that are kept must not hold those that they "
                                      "refer to",
                                      display(site.table.name))};
    for (const ForeignKey& key : keys) {
        refuse_renamed(key, site);
        group.alterations.emplace_back(DropConstraint{aside.name, key});
    }
    return {group};
}

} // namespace sluice
