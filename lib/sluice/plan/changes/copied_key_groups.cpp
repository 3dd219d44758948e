// What becomes of the foreign keys of a table that gets a successor, stage by stage.

#include "sluice/plan/changes/constraint.h"
#include "sluice/plan/changes/copied_keys.h"
#include "sluice/plan/changes/table_keys.h"

#include <fmt/format.h>

namespace sluice {
namespace {

Site site_at(const Table& table, const Site& site)
{
    return {.table = table,
            .catalog = site.catalog,
            .dialect = site.dialect,
            .location = site.location,
            .sync_name = site.sync_name,
            .changes = site.changes};
}

Group added(const Table& table, const ForeignKey& key, const std::string& reason)
{
    return {.table = table.name, .alterations = {AddConstraint{table.name, key}}, .reason = reason};
}

void add_before_swap(Outline& outline, const Table& table, const ForeignKey& key, const Site& site,
                     const std::string& reason)
{
    outline.validations.push_back(added(table, key, reason));
    if (site.dialect.capabilities().constraint_rows == ConstraintRows::verified) {
        const Outline whole = outline_of(key, site_at(table, site));
        for (Action action : whole.validated) {
            action.reason = "the server holds only what is written from here on to the rule";
            outline.validated.push_back(std::move(action));
        }
    }
}

/// With the end of what is carried to the successor; its rows are looked at before anything shows.
void add_with_swap(Outline& outline, const Table& next, const ForeignKey& key, const Site& site)
{
    if (!key.not_valid) {
        Action verification = outline_of(key, site_at(next, site)).verifications.front();
        verification.phase = Phase::contract;
        verification.reason = "the foreign key comes once no row is carried to it any more";
        outline.validated.push_back(std::move(verification));
    }
    Group& swap = outline.contract.front();
    swap.summary += fmt::format("; add the foreign key of \"{}\" to itself", display(next.name));
    swap.alterations.emplace_back(AddConstraint{next.name, key});
}

/// Both keys stand until the old table is aside: every row that is referred to is in both tables.
void add_referring(Outline& outline, const Referring& referring, const Site& site,
                   const Table& aside)
{
    const TableName& table = referring.table.name;
    add_before_swap(outline, referring.table, referring.next, site,
                    "it refers to both tables, as long as both have the rows");
    ForeignKey key = referring.key;
    key.referenced = aside.name;
    outline.contract.push_back({.table = table,
                                .alterations = {DropConstraint{table, key}},
                                .reason = "its successor stands"});
    if (!key.name.empty()) {
        outline.contract.push_back(
            {.table = table,
             .alterations = {RenameConstraint{table, referring.next, key.name}},
             .reason = "the name is free now"});
    }
    outline.elsewhere.push_back({.table = table, .columns = key.columns, .reads = {}});
}

/// Else the server makes one with the key, which stays when the way back drops that.
void add_index(Outline& outline, const Table& next, const ForeignKey& key, const CopiedKeys& keys,
               const Site& site)
{
    if (!site.dialect.capabilities().foreign_keys_need_index || has_index(next, key.columns)) {
        return;
    }
    Index index = index_for(key);
    for (const auto& [renamed, name] : keys.renamed) {
        index.name = renamed.name == key.name ? name : index.name;
    }
    outline.indexes.push_back({.table = next.name,
                               .alterations = {CreateIndex{next.name, index}},
                               .reason = "a foreign key needs an index over its columns"});
}

void note_index(Outline& outline, const Table& next, const std::vector<ForeignKey>& keys,
                const Site& site)
{
    for (const ForeignKey& key : keys) {
        if (!site.dialect.capabilities().foreign_keys_need_index && !has_index(next, key.columns)) {
            outline.notes.push_back(lacks_index(next.name, key) +
                                    " Give the successor one in `indexes`.");
        }
    }
}

} // namespace

void add_keys(Outline& outline, const CopiedKeys& keys, const Site& site, const Table& next,
              const Table& aside)
{
    for (const ForeignKey& key : keys.early) {
        add_index(outline, next, key, keys, site);
        add_before_swap(outline, next, key, site, "every row that it may refer to is copied");
    }
    for (const auto* list : {&keys.made, &keys.late}) {
        note_index(outline, next, *list, site);
    }
    for (Group& group : without_keys(aside, keys.let_go, site)) {
        outline.contract.push_back(std::move(group));
        outline.notes.push_back(fmt::format(
            "Contract drops those foreign keys of \"{}\" that could refuse what the new "
            "application does. A rollback brings them back before the table, and stops at rows "
            "that refer to what is gone since.",
            display(site.table.name)));
    }
    for (const ForeignKey& key : keys.late) {
        add_with_swap(outline, next, key, site);
    }
    for (const Referring& each : keys.referring) {
        add_referring(outline, each, site, aside);
    }
    for (const auto& [key, name] : keys.renamed) {
        outline.purge.push_back({.table = next.name,
                                 .alterations = {RenameConstraint{next.name, key, name}},
                                 .reason = "its name is free now"});
    }
    outline.notes.insert(outline.notes.end(), keys.notes.begin(), keys.notes.end());
}

} // namespace sluice
