#include "sluice/plan/changes/heirs.h"

#include "sluice/plan/changes/key_rules.h"
#include "sluice/plan/changes/rows.h"
#include "sluice/plan/key_names.h"
#include "sluice/plan/lookup.h"
#include "sluice/plan/names.h"
#include "sluice/plan/refusals.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace sluice {
namespace {

/// The columns that become wider, by table.
using Retyped = std::map<TableName, std::vector<std::string>>;

class Family {
public:
    Family(const WiderKey& key, const Site& site) : site_(site), type_(key.type)
    {
        for (const WiderTable& wider : key.tables) {
            if (!wider.columns.empty()) {
                retyped_[wider.table.name] = wider.columns;
            }
        }
        order();
    }

    std::vector<Heir> take()
    {
        std::vector<Heir> heirs;
        for (const TableName& name : ordered_) {
            refuse(*site_.catalog.find(name));
            heirs.push_back(heir_of(*site_.catalog.find(name)));
        }
        return heirs;
    }

private:
    void refuse_other_database(const ForeignKey& key, const Table& table) const
    {
        if (site_.catalog.find(key.referenced) == nullptr) {
            refuse_at(site_.location,
                      fmt::format("the foreign key \"{}\" of table \"{}\", in another database, "
                                  "refers to \"{}\"",
                                  key.name, display(key.referenced), display(table.name)),
                      "Drop that foreign key in an earlier migration.");
        }
    }

    void refuse_generated(const Table& table) const
    {
        for (const std::string& column : retyped_.at(table.name)) {
            if (table.find(column)->generated) {
                refuse_at(site_.location,
                          fmt::format("\"{}\" of \"{}\" is a generated column", column,
                                      display(table.name)),
                          "Drop it in an earlier migration, and add it again in a later one.");
            }
        }
    }

    [[nodiscard]] bool is_heir(const TableName& name) const { return retyped_.count(name) > 0; }

    [[nodiscard]] bool is_placed(const TableName& name) const
    {
        return std::find(ordered_.begin(), ordered_.end(), name) != ordered_.end();
    }

    [[nodiscard]] bool is_ready(const Table& table) const
    {
        return std::all_of(table.foreign_keys.begin(), table.foreign_keys.end(),
                           [&](const ForeignKey& key) {
                               return key.referenced == table.name || !is_heir(key.referenced) ||
                                      is_placed(key.referenced);
                           });
    }

    void order()
    {
        while (ordered_.size() < retyped_.size()) {
            const auto next = std::find_if(retyped_.begin(), retyped_.end(), [&](const auto& each) {
                return !is_placed(each.first) && is_ready(*site_.catalog.find(each.first));
            });
            if (next == retyped_.end()) {
                refuse_circle();
            }
            ordered_.push_back(next->first);
        }
    }

    [[noreturn]] void refuse_circle() const
    {
        const auto first = std::find_if(retyped_.begin(), retyped_.end(),
                                        [&](const auto& each) { return !is_placed(each.first); });
        refuse_at(site_.location,
                  fmt::format("table \"{}\" refers to others that refer to it: the rows of neither "
                              "could be made first",
                              display(first->first)),
                  "Drop one of these foreign keys in an earlier migration, and add it again in a "
                  "later one.");
    }

    void refuse(const Table& table) const
    {
        refuse_unwalkable(table, site_.location);
        refuse_generated(table);
        for (const Trigger& trigger : table.triggers) {
            if (trigger.name.find("sluice_") != std::string::npos) {
                refuse_at(site_.location,
                          fmt::format("an earlier migration that changes table \"{}\" is not "
                                      "finished",
                                      display(table.name)),
                          "Finish that one first: `sluice status`, then `sluice contract` and "
                          "`sluice purge`.");
            }
            refuse_at(site_.location,
                      fmt::format("the trigger \"{}\" would stay with the old table \"{}\"",
                                  trigger.name, display(table.name)),
                      "Drop the trigger in an earlier migration, and make it again in a later "
                      "one.");
        }
        for (const ForeignKey& key : table.foreign_keys) {
            refuse(table, key);
        }
        for (const ForeignKey& key : table.referenced_by) {
            refuse_outsider(table, key);
        }
    }

    void refuse(const Table& table, const ForeignKey& key) const
    {
        if (key.referenced == table.name && acts(key)) {
            refuse_at(site_.location,
                      fmt::format("the foreign key \"{}\" of table \"{}\" changes or deletes rows "
                                  "of the table itself, which no trigger sees",
                                  key.name, display(table.name)),
                      "Drop that foreign key in an earlier migration, and add it again in a later "
                      "one.");
        }
        const std::vector<std::string>& own = retyped_.at(table.name);
        for (std::size_t n = 0; n < key.columns.size(); ++n) {
            const auto other = retyped_.find(key.referenced);
            const bool is_wider =
                other != retyped_.end() && contains(other->second, key.referenced_columns[n]);
            if (contains(own, key.columns[n]) && !is_wider) {
                refuse_at(site_.location,
                          fmt::format("\"{}\" of \"{}\" refers to \"{}\" of \"{}\" as well, which "
                                      "would stay as it is",
                                      key.columns[n], display(table.name),
                                      key.referenced_columns[n], display(key.referenced)),
                          "Change that one first, or drop one of the two foreign keys in an "
                          "earlier migration.");
            }
        }
    }

    /// A change of the key reaches the successor only after the server has looked for it there.
    void refuse_outsider(const Table& table, const ForeignKey& key) const
    {
        if (is_heir(key.referenced)) {
            return;
        }
        refuse_other_database(key, table);
        if (!key.on_update.empty() && key.on_update != "RESTRICT") {
            refuse_at(site_.location,
                      fmt::format("the foreign key \"{}\" of table \"{}\" changes rows together "
                                  "with the key of \"{}\" that it refers to, which is put aside at "
                                  "contract",
                                  key.name, display(key.referenced), display(table.name)),
                      "Drop that foreign key in an earlier migration, and add it again in a later "
                      "one.");
        }
    }

    [[nodiscard]] std::vector<Outsider> outsiders_of(const Table& table) const
    {
        std::vector<Outsider> outsiders;
        for (const ForeignKey& back : table.referenced_by) {
            if (is_heir(back.referenced)) {
                continue;
            }
            const Table& other = *site_.catalog.find(back.referenced);
            for (const ForeignKey& key : other.foreign_keys) {
                if (key.name == back.name) {
                    ForeignKey next = key;
                    next.name = twin_name(key.name, site_.dialect);
                    next.referenced = successor(table.name);
                    outsiders.push_back({other, key, next});
                }
            }
        }
        return outsiders;
    }

    [[nodiscard]] TableName successor(const TableName& table) const
    {
        return {table.schema, twin_name(table.name, site_.dialect)};
    }

    [[nodiscard]] Heir heir_of(const Table& table) const
    {
        Heir heir{.old = table, .next = table};
        heir.next.name =
            new_table_name(site_.catalog, successor(table.name), site_.dialect, site_.location);
        heir.kept = new_table_name(site_.catalog, kept_table(table.name, site_.dialect),
                                   site_.dialect, site_.location);
        heir.key = walking_key(site_of(table));
        heir.retyped = retyped_.at(table.name);
        heir.outsiders = outsiders_of(table);
        heir.next.foreign_keys.clear();
        heir.next.referenced_by.clear();
        heir.next.views.clear();
        for (Column& column : heir.next.columns) {
            if (contains(heir.retyped, column.name)) {
                column.type = type_;
            }
        }
        for (const ForeignKey& key : table.foreign_keys) {
            add(heir, key);
        }
        return heir;
    }

    [[nodiscard]] Site site_of(const Table& table) const
    {
        return {.table = table,
                .catalog = site_.catalog,
                .dialect = site_.dialect,
                .location = site_.location,
                .sync_name = site_.sync_name,
                .changes = site_.changes};
    }

    /// A name of a foreign key is known once in a database.
    void add(Heir& heir, const ForeignKey& key) const
    {
        ForeignKey next = key;
        const TableName& table = heir.old.name;
        if (goes_with_table(key, table)) {
            next.name = heir.next.name.name + key.name.substr(table.name.size());
        } else {
            next.name = twin_name(key.name, site_.dialect);
            heir.renamed.emplace_back(next, key.name);
        }
        if (is_heir(key.referenced)) {
            next.referenced = successor(key.referenced);
        }
        (key.referenced == table ? heir.late : heir.next.foreign_keys).push_back(next);
        for (const Index& index : heir.old.indexes) {
            if (is_over(index, key)) {
                heir.indexes_of_keys.push_back(index.name);
            }
        }
    }

    static bool is_over(const Index& index, const ForeignKey& key)
    {
        std::vector<std::string> columns;
        for (const IndexPart& part : index.parts) {
            columns.push_back(part.column);
        }
        return columns == key.columns;
    }

    const Site& site_;
    const Type& type_;
    Retyped retyped_;
    std::vector<TableName> ordered_;
};

} // namespace

std::vector<Heir> heirs_of(const WiderKey& key, const Site& site)
{
    return Family(key, site).take();
}

} // namespace sluice
