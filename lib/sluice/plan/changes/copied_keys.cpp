#include "sluice/plan/changes/copied_keys.h"

#include "sluice/db/tokens.h"
#include "sluice/plan/changes/constraint.h"
#include "sluice/plan/changes/table_keys.h"
#include "sluice/plan/key_names.h"
#include "sluice/plan/keys.h"
#include "sluice/plan/lookup.h"
#include "sluice/plan/names.h"
#include "sluice/plan/refusals.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>

namespace sluice {
namespace {

const char* const drop_and_add =
    "Drop that foreign key in an earlier migration, and add it again in a later one.";

bool acts(const std::string& rule)
{
    return !rule.empty() && rule != "RESTRICT";
}

/// Does it write or delete rows by itself?
bool acts(const ForeignKey& key)
{
    return acts(key.on_delete) || acts(key.on_update);
}

/// Does it write the columns that it is over?
bool writes(const ForeignKey& key)
{
    return acts(key.on_update) || (acts(key.on_delete) && key.on_delete != "CASCADE");
}

class Keys {
public:
    Keys(const Site& site, const TableSync& sync, const Table& next, const Table& aside,
         const Held& held)
        : site_(site), sync_(sync), next_(next), aside_(aside), held_(held)
    {
    }

    CopiedKeys take()
    {
        for (std::size_t n = 0; n < site_.table.foreign_keys.size(); ++n) {
            const ForeignKey& key = site_.table.foreign_keys[n];
            const auto columns = held(key.columns);
            columns ? carry(key, *columns) : leave_out(key);
            if (!columns || fires_triggers() || !acts(key)) {
                keys_.let_go.push_back(aside_.foreign_keys[n]);
            }
        }
        for (const ForeignKey& back : site_.table.referenced_by) {
            if (back.referenced != site_.table.name && !is_dropped(back, site_)) {
                hand_over(back);
            }
        }
        return std::move(keys_);
    }

private:
    [[nodiscard]] std::string old() const { return display(site_.table.name); }

    [[nodiscard]] std::string successor() const { return display(next_.name); }

    [[nodiscard]] bool fires_triggers() const
    {
        return site_.dialect.capabilities().cascades_fire_triggers;
    }

    [[nodiscard]] static std::string called(const ForeignKey& key)
    {
        return key.name.empty() ? fmt::format("the foreign key over {}", quoted_names(key.columns))
                                : fmt::format("the foreign key \"{}\"", key.name);
    }

    /// What holds the old column as it is: other values would refer to something else.
    [[nodiscard]] std::optional<std::string> held(const std::string& column) const
    {
        const Column& from = *site_.table.find(column);
        for (const auto& [target, source] : held_) {
            const Type& type = next_.find(target)->type;
            const bool may_differ = site_.dialect.capabilities().foreign_keys_join_types;
            if (source == from.name &&
                (type == from.type || (may_differ && type.family == from.type.family))) {
                return target;
            }
        }
        return std::nullopt;
    }

    [[nodiscard]] std::optional<std::vector<std::string>>
    held(const std::vector<std::string>& columns) const
    {
        std::vector<std::string> all;
        for (const std::string& column : columns) {
            const auto target = held(column);
            if (!target) {
                return std::nullopt;
            }
            all.push_back(*target);
        }
        return all;
    }

    void leave_out(const ForeignKey& key)
    {
        if (!fires_triggers() && acts(key)) {
            refuse_at(site_.location,
                      fmt::format("{} of \"{}\" changes or deletes rows, which no trigger sees, "
                                  "and \"{}\" does not hold its columns as they are",
                                  called(key), old(), successor()),
                      "Give the successor these columns with the type that they have, or drop that "
                      "foreign key in an earlier migration.");
        }
        if (key.options.find("INITIALLY DEFERRED") != std::string::npos) {
            refuse_at(site_.location,
                      fmt::format("{} of \"{}\" is looked at only when a transaction ends, which a "
                                  "row that was carried there could make fail: \"{}\" does not "
                                  "hold its columns as they are",
                                  called(key), old(), successor()),
                      "Give the successor these columns with the type that they have, or drop that "
                      "foreign key in an earlier migration.");
        }
        keys_.notes.push_back(
            fmt::format("\"{}\" has nothing of {} of \"{}\": it does not hold its columns as they "
                        "are. Until contract it holds what the new application writes, too, where "
                        "that is carried. Give the successor one with add_foreign_key, in a "
                        "migration after purge.",
                        successor(), called(key), old()));
    }

    void carry(const ForeignKey& key, const std::vector<std::string>& columns)
    {
        const bool is_own = key.referenced == site_.table.name;
        ForeignKey next = key;
        next.columns = columns;
        for (std::string& column : next.cleared) {
            column = *held(column);
        }
        if (is_own) {
            refuse_own(key);
            next.referenced = next_.name;
            next.referenced_columns = referenced(key, key.referenced_columns, old());
        }
        if (!fires_triggers() && writes(key)) {
            refuse_other_readers(key, next);
        }
        give_name(next);
        if (!is_own) {
            (key.not_valid ? keys_.early : keys_.made).push_back(next);
            return;
        }
        // While rows are copied one may be missing that another refers to. Where a row is looked at
        // when it is written, one table's order is the other's; elsewhere a statement that ends
        // well in one may not while its rows are carried, so it waits until nothing is.
        const bool looks_at_once =
            site_.dialect.capabilities().constraint_rows == ConstraintRows::verified;
        (looks_at_once ? keys_.early : keys_.late).push_back(next);
    }

    void refuse_own(const ForeignKey& key) const
    {
        if (acts(key.on_update) || (!fires_triggers() && acts(key))) {
            refuse_at(site_.location,
                      fmt::format(
                          "{} changes or deletes rows of \"{}\" itself{}", called(key), old(),
                          fires_triggers() ? " together with its key" : ", which no trigger sees"),
                      drop_and_add);
        }
    }

    /// The server changes the column in both tables, and nothing that is computed from it.
    void refuse_other_readers(const ForeignKey& key, const ForeignKey& next) const
    {
        for (std::size_t n = 0; n < key.columns.size(); ++n) {
            refuse_readers_of(key, key.columns[n], next.columns[n], sync_.to);
            refuse_readers_of(key, next.columns[n], key.columns[n], sync_.from);
        }
    }

    void refuse_readers_of(const ForeignKey& key, const std::string& read, const std::string& own,
                           const SyncedTable& reader) const
    {
        for (const CarriedColumn& carried : reader.carried) {
            if (carried.column.name != own &&
                mentions(carried.value.expression, read, site_.dialect.server().engine)) {
                refuse_at(site_.location,
                          fmt::format("{} of \"{}\" writes \"{}\", which no trigger sees, and "
                                      "\"{}\" of \"{}\" is computed from it",
                                      called(key), old(), read, carried.column.name,
                                      display(reader.name)),
                          drop_and_add);
            }
        }
    }

    void give_name(ForeignKey& next)
    {
        if (next.name.empty() || !site_.dialect.capabilities().names_keys_by_schema) {
            return;
        }
        if (goes_with_table(next, site_.table.name)) {
            next.name = key_name_after(next, site_.table.name, next_.name, site_.dialect);
            return;
        }
        const std::string name = next.name;
        next.name = twin_name(name, site_.dialect);
        keys_.renamed.emplace_back(next, name);
        keys_.notes.push_back(fmt::format("The foreign key \"{}\" of \"{}\" is called \"{}\" until "
                                          "purge.",
                                          name, successor(), next.name));
    }

    /// The columns of the successor that `columns` of the old table have become: a key there.
    [[nodiscard]] std::vector<std::string> referenced(const ForeignKey& key,
                                                      const std::vector<std::string>& columns,
                                                      const std::string& table) const
    {
        const auto targets = held(columns);
        if (!targets || !is_unique(next_, *targets)) {
            refuse_at(site_.location,
                      fmt::format("{} of table \"{}\" refers to {} of \"{}\", which {} in \"{}\"",
                                  called(key), table, quoted_names(columns), old(),
                                  targets ? "need not be unique" : "is not held as it is",
                                  successor()),
                      "Take these columns as they are into primary_key, or into a unique index in "
                      "`indexes`; or drop that foreign key in an earlier migration.");
        }
        return *targets;
    }

    /// The key itself, of which `back` is the other end.
    [[nodiscard]] static const ForeignKey* find(const Table& table, const ForeignKey& back,
                                                const TableName& to)
    {
        const auto found = std::find_if(table.foreign_keys.begin(), table.foreign_keys.end(),
                                        [&](const ForeignKey& key) {
                                            return key.name == back.name && key.referenced == to &&
                                                   key.columns == back.referenced_columns;
                                        });
        return found == table.foreign_keys.end() ? nullptr : &*found;
    }

    void hand_over(const ForeignKey& back)
    {
        const Table* table = site_.catalog.find(back.referenced);
        const ForeignKey* key = table == nullptr ? nullptr : find(*table, back, site_.table.name);
        if (key == nullptr) {
            refuse_at(site_.location,
                      fmt::format("{} of table \"{}\", in another database, refers to \"{}\"",
                                  called(back), display(back.referenced), old()),
                      drop_and_add);
        }
        if (acts(key->on_update)) {
            refuse_at(site_.location,
                      fmt::format("{} of table \"{}\" changes rows together with the key of \"{}\" "
                                  "that it refers to, which is put aside at contract",
                                  called(*key), display(table->name), old()),
                      drop_and_add);
        }
        ForeignKey next = *key;
        next.name = key->name.empty() ? "" : twin_name(key->name, site_.dialect);
        next.referenced = next_.name;
        next.referenced_columns = referenced(*key, key->referenced_columns, display(table->name));
        keys_.referring.push_back({*table, *key, next});
    }

    const Site& site_;
    const TableSync& sync_;
    const Table& next_;
    const Table& aside_;
    const Held& held_;
    CopiedKeys keys_;
};

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
        std::copy(whole.validated.begin(), whole.validated.end(),
                  std::back_inserter(outline.validated));
    }
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

CopiedKeys copied_keys(const Site& site, const TableSync& sync, const Table& next,
                       const Table& aside, const Held& held)
{
    return Keys(site, sync, next, aside, held).take();
}

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
    }
    for (const ForeignKey& key : keys.late) {
        outline.contract.push_back(added(next, key, "no row is carried to it any more"));
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
