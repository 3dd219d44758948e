#include "sluice/plan/changes/copied_keys.h"

#include "sluice/db/tokens.h"
#include "sluice/plan/changes/key_rules.h"
#include "sluice/plan/changes/table_keys.h"
#include "sluice/plan/key_names.h"
#include "sluice/plan/keys.h"
#include "sluice/plan/lookup.h"
#include "sluice/plan/names.h"
#include "sluice/plan/refusals.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace sluice {
namespace {

const char* const drop_and_add =
    "Drop that foreign key in an earlier migration, and add it again in a later one.";

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
            } else if (!acts(key.on_update)) {
                note_kept(key);
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

    void note_kept(const ForeignKey& key)
    {
        keys_.notes.push_back(fmt::format(
            "What {} of \"{}\" does to rows no trigger sees: it stays until purge. Where a change "
            "could not be carried to a row that is kept, it may refuse another key to a row of "
            "\"{}\".",
            called(key), old(), display(key.referenced)));
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
            refuse_half_kept(key);
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

    /// It would have to stay for what it writes, and go for what it refuses.
    void refuse_half_kept(const ForeignKey& key) const
    {
        if (acts(key.on_update) && !acts(key.on_delete)) {
            refuse_at(site_.location,
                      fmt::format("{} of \"{}\" changes rows, which no trigger sees, and refuses "
                                  "to have what they refer to deleted: from contract on a row that "
                                  "is kept would stop that, too",
                                  called(key), old()),
                      "Give it an ON DELETE that acts as well in an earlier migration, or drop it "
                      "there, and add it again in a later one.");
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
            refuse_long(next.name);
            return;
        }
        const std::string name = next.name;
        next.name = twin_name(name, site_.dialect);
        keys_.renamed.emplace_back(next, name);
        keys_.notes.push_back(fmt::format("The foreign key \"{}\" of \"{}\" is called \"{}\" until "
                                          "purge.",
                                          name, successor(), next.name));
    }

    void refuse_long(const std::string& name) const
    {
        if (name.size() > site_.dialect.longest_name()) {
            refuse_at(site_.location,
                      fmt::format("a foreign key of \"{}\" would be called \"{}\", which is longer "
                                  "than {} bytes",
                                  successor(), name, site_.dialect.longest_name()),
                      "Give the new table a shorter name in `to`.");
        }
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
        if (table->kind != TableKind::plain) {
            refuse_at(site_.location,
                      fmt::format("{} of table \"{}\", which is partitioned, refers to \"{}\": it "
                                  "could not be made anew without shutting writers out while rows "
                                  "are read",
                                  called(*key), display(table->name), old()),
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

} // namespace

CopiedKeys copied_keys(const Site& site, const TableSync& sync, const Table& next,
                       const Table& aside, const Held& held)
{
    return Keys(site, sync, next, aside, held).take();
}

} // namespace sluice
