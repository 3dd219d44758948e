#include "sluice/plan/changes/succession.h"

#include "sluice/db/successor.h"
#include "sluice/plan/changes/constraint.h"
#include "sluice/plan/changes/heirs.h"
#include "sluice/plan/changes/pair.h"
#include "sluice/plan/changes/rows.h"
#include "sluice/plan/lookup.h"
#include "sluice/plan/rendered_action.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace sluice {
namespace {

class Succession {
public:
    Succession(const WiderKey& key, const Column& column, const Site& site)
        : site_(site), column_(column), type_(key.type), heirs_(heirs_of(key, site))
    {
    }

    [[nodiscard]] Outline take_outline() const
    {
        Outline outline{.notes = notes(), .table = site_.table.name, .columns = {column_.name}};
        for (const Heir& heir : heirs_) {
            outline.backfills.push_back(mirrored(heir));
            add_rows(outline, heir);
            outline.whole_tables.insert(outline.whole_tables.end(),
                                        {heir.old.name, heir.next.name, heir.kept});
            for (const Outsider& outsider : heir.outsiders) {
                outline.whole_tables.push_back(outsider.table.name);
            }
        }
        return outline;
    }

    [[nodiscard]] std::vector<Action> take_actions() const
    {
        std::vector<Action> actions;
        for (const Heir& heir : heirs_) {
            actions.push_back(made(heir));
        }
        add_contract(actions);
        // What refers goes before what it refers to.
        std::for_each(heirs_.rbegin(), heirs_.rend(),
                      [&](const Heir& heir) { add_purge(actions, heir); });
        for (const Heir& heir : heirs_) {
            add_names(actions, heir);
        }
        return actions;
    }

private:
    [[nodiscard]] std::string sync_name(const Heir& heir, const char* way) const
    {
        return fmt::format("{}_{}_{}", site_.sync_name, &heir - heirs_.data() + 1, way);
    }

    [[nodiscard]] static std::vector<std::string> written_columns(const Table& table)
    {
        std::vector<std::string> columns;
        for (const Column& column : table.columns) {
            if (!column.generated) {
                columns.push_back(column.name);
            }
        }
        return columns;
    }

    [[nodiscard]] Mirror forward(const Heir& heir) const
    {
        return {.name = sync_name(heir, "f"),
                .from = heir.old.name,
                .to = heir.next.name,
                .key = heir.key,
                .columns = written_columns(heir.old)};
    }

    [[nodiscard]] Mirror back(const Heir& heir) const
    {
        return {.name = sync_name(heir, "t"),
                .from = heir.old.name,
                .to = heir.kept,
                .key = heir.key,
                .columns = written_columns(heir.old)};
    }

    [[nodiscard]] Action made(const Heir& heir) const
    {
        return action_of(Phase::expand,
                         create_likeness(site_.dialect, {.definition = heir.next,
                                                         .like = heir.old.name,
                                                         .retyped = heir.retyped,
                                                         .indexes_of_keys = heir.indexes_of_keys}),
                         "a key cannot be given another type in place while the table is written");
    }

    /// Not before those that it refers to have all their rows: until then a row could not be made.
    [[nodiscard]] Action mirrored(const Heir& heir) const
    {
        Mirror mirror = forward(heir);
        mirror.hands_on_numbers =
            std::any_of(heir.old.columns.begin(), heir.old.columns.end(),
                        [](const Column& column) { return column.is_identity; });
        return action_of(Phase::migrate, create_mirror(site_.dialect, mirror),
                         "every version of the application writes the old table until contract");
    }

    /// What is filled, and verified: a row is its copy, to the last byte.
    [[nodiscard]] TableSync copied(const Heir& heir) const
    {
        TableSync sync{.from = {heir.old.name, names_of(heir.key), heir.old.columns, {}},
                       .to = {heir.next.name, names_of(heir.key), heir.next.columns, {}}};
        for (const Column& column : heir.next.columns) {
            if (!column.generated && !contains(sync.to.key, column.name)) {
                sync.to.carried.push_back(
                    {column, {.expression = site_.dialect.quote(column.name), .is_total = true}});
            }
        }
        return sync;
    }

    void add_rows(Outline& outline, const Heir& heir) const
    {
        const TableSync sync = copied(heir);
        outline.backfills.push_back(fill_of(sync, site_.dialect));
        std::vector<Action> verifications = verifications_of(sync, site_.dialect);
        std::move(verifications.begin(), verifications.end(),
                  std::back_inserter(outline.verifications));
    }

    /// As add_foreign_key adds them, now that every row is there.
    void add_late_keys(std::vector<Action>& actions, const Heir& heir) const
    {
        for (const ForeignKey& key : heir.late) {
            add_key(actions, heir.next, key,
                    "while rows are copied, one may be missing that another refers to");
        }
        for (const Outsider& outsider : heir.outsiders) {
            add_key(actions, outsider.table, outsider.next,
                    "it refers to both, as long as both have the rows");
        }
    }

    void add_key(std::vector<Action>& actions, const Table& table, const ForeignKey& key,
                 const std::string& reason) const
    {
        add(actions, Phase::contract, AddConstraint{table.name, key}, table, reason);
        const Site site{.table = table,
                        .catalog = site_.catalog,
                        .dialect = site_.dialect,
                        .location = site_.location,
                        .sync_name = site_.sync_name,
                        .changes = site_.changes};
        for (const Action& verification : outline_of(key, site).validated) {
            actions.push_back(verification);
        }
    }

    /// Rows that the old table cannot hold must not be refused.
    void drop_outside_keys(std::vector<Action>& actions, const Heir& heir) const
    {
        for (const Outsider& outsider : heir.outsiders) {
            ForeignKey key = outsider.key;
            key.referenced = heir.kept;
            add(actions, Phase::contract, DropConstraint{outsider.table.name, key}, outsider.table,
                "its successor stands");
        }
    }

    void add(std::vector<Action>& actions, Phase phase, const Alteration& alteration,
             const Table& table, const std::string& reason) const
    {
        for (const Rendered& rendered : site_.dialect.render({alteration}, table)) {
            actions.push_back(action_of(phase, rendered, reason));
        }
    }

    void add_contract(std::vector<Action>& actions) const
    {
        for (const Heir& heir : heirs_) {
            add_late_keys(actions, heir);
        }
        for (const Heir& heir : heirs_) {
            actions.push_back(mirrored_back(heir));
        }
        actions.push_back(swapped());
        for (const Heir& heir : heirs_) {
            actions.push_back(mirrored_no_more(heir));
            drop_outside_keys(actions, heir);
        }
    }

    [[nodiscard]] Action mirrored_back(const Heir& heir) const
    {
        Mirror mirror = back(heir);
        mirror.from = heir.next.name;
        return action_of(Phase::contract, create_mirror(site_.dialect, mirror),
                         "there is no such table before the names change: until then nothing is "
                         "carried");
    }

    [[nodiscard]] Action swapped() const
    {
        Renaming renaming;
        for (const Heir& heir : heirs_) {
            renaming.names.emplace_back(heir.old.name, heir.kept);
            renaming.names.emplace_back(heir.next.name, heir.old.name);
            for (const ForeignKey& key : heir.old.foreign_keys) {
                renaming.seen_by.push_back(key.referenced);
            }
            for (const Outsider& outsider : heir.outsiders) {
                renaming.seen_by.push_back(outsider.table.name);
            }
        }
        if (const auto fits = narrow()) {
            renaming.required_back.push_back(*fits);
        }
        for (const Heir& heir : heirs_) {
            for (RowCondition& each : carried_back(heir)) {
                renaming.required_back.push_back(std::move(each));
            }
        }
        Action action = action_of(Phase::contract, rename_tables(site_.dialect, renaming),
                                  "for everybody else it is one moment; foreign keys and triggers "
                                  "go with their tables");
        action.summary =
            fmt::format("put the successors of {} in their places, which are filled until purge "
                        "as {}",
                        names_of_all([](const Heir& heir) { return heir.old.name; }),
                        names_of_all([](const Heir& heir) { return heir.kept; }));
        return action;
    }

    template <class Which> [[nodiscard]] std::string names_of_all(Which which) const
    {
        std::vector<std::string> names;
        for (const Heir& heir : heirs_) {
            names.push_back(display(which(heir)));
        }
        return quoted_names(names);
    }

    /// The old table has every row again, unless its key has gone beyond what it can hold there.
    [[nodiscard]] std::optional<RowCondition> narrow() const
    {
        const std::string name = site_.dialect.quote(column_.name);
        const auto domain = site_.dialect.cast_domain(name, type_, column_.type);
        if (!domain || domain->empty()) {
            return std::nullopt;
        }
        const std::string condition =
            column_.nullable ? fmt::format("{} IS NULL OR ({})", name, *domain) : *domain;
        return RowCondition{
            .table = site_.table,
            .condition = condition,
            .message = fmt::format("rows of table \"{}\" have a \"{}\" that does not fit {}, first "
                                   "keys: ",
                                   display(site_.table.name), column_.name, column_.type.sql)};
    }

    /// Nothing of what was written since contract is missing in the table that comes back.
    [[nodiscard]] std::vector<RowCondition> carried_back(const Heir& heir) const
    {
        TableSync sync = copied(heir);
        sync.from.name = heir.kept;
        sync.to.name = heir.old.name;
        std::vector<RowCondition> conditions;
        for (const Action& verification : verifications_of(sync, site_.dialect)) {
            const auto& work = std::get<VerifyWork>(verification.work);
            RowCondition each{.table = work.table == heir.kept ? heir.old : heir.next,
                              .condition = work.expect,
                              .message = fmt::format(
                                  "rows of table \"{}\" are not carried to \"{}\": write them "
                                  "once more from a new session (UPDATE … SET {} = {}), or delete "
                                  "them there, first keys: ",
                                  display(heir.old.name), display(heir.kept), heir.key.front().name,
                                  heir.key.front().name)};
            each.table.name = work.table;
            conditions.push_back(std::move(each));
        }
        return conditions;
    }

    [[nodiscard]] Action mirrored_no_more(const Heir& heir) const
    {
        Mirror mirror = forward(heir);
        mirror.from = heir.kept;
        return action_of(Phase::contract, drop_mirror(site_.dialect, mirror),
                         "there is no table any more that they carry rows to");
    }

    void add_purge(std::vector<Action>& actions, const Heir& heir) const
    {
        Table aside = heir.old;
        aside.name = heir.kept;
        aside.foreign_keys.clear(); // named below, as they are by then
        actions.push_back(action_of(Phase::purge, drop_mirror(site_.dialect, back(heir)), ""));
        add(actions, Phase::purge, DropTable{aside}, aside,
            fmt::format("what contract kept of \"{}\" is no longer needed",
                        display(heir.old.name)));
        for (const ForeignKey& key : heir.old.foreign_keys) {
            actions.back().tables.push_back(kept_name_of(key.referenced));
        }
    }

    [[nodiscard]] TableName kept_name_of(const TableName& table) const
    {
        const auto heir = std::find_if(heirs_.begin(), heirs_.end(),
                                       [&](const Heir& each) { return each.old.name == table; });
        return heir == heirs_.end() ? table : heir->kept;
    }

    /// The names are free once the old tables are gone.
    void add_names(std::vector<Action>& actions, const Heir& heir) const
    {
        for (const auto& [key, name] : heir.renamed) {
            add(actions, Phase::purge, RenameConstraint{heir.old.name, under_old_names(key), name},
                heir.old, "its name is free now");
        }
        for (const Outsider& outsider : heir.outsiders) {
            add(actions, Phase::purge,
                RenameConstraint{outsider.table.name, under_old_names(outsider.next),
                                 outsider.key.name},
                outsider.table, "its name is free now");
        }
    }

    [[nodiscard]] ForeignKey under_old_names(ForeignKey key) const
    {
        for (const Heir& heir : heirs_) {
            if (key.referenced == heir.next.name) {
                key.referenced = heir.old.name;
            }
        }
        return key;
    }

    [[nodiscard]] std::vector<std::string> notes() const
    {
        std::vector<std::string> notes = {
            fmt::format("The way back from contract is refused once \"{}\" of \"{}\" holds a value "
                        "beyond {}; the rows are named.",
                        column_.name, display(site_.table.name), column_.type.sql),
            "A transaction that began before the rows were copied, and first reads one of the "
            "tables after contract, sees it as it was copied by then.",
            "TRUNCATE fires no trigger: until contract, use DELETE on these tables.",
            // The server keeps the list of tables that a statement of a procedure locks.
            "What a stored procedure writes in a session that has called it before contract, or "
            "before the way back, is not carried after it: let such sessions connect anew. The way "
            "back from contract looks at every row first, and stops at one that was not carried."};
        for (const Heir& heir : heirs_) {
            for (const auto& [key, name] : heir.renamed) {
                notes.push_back(fmt::format("The foreign key \"{}\" of \"{}\" is called \"{}\" "
                                            "from contract to purge.",
                                            name, display(heir.old.name), key.name));
            }
        }
        return notes;
    }

    const Site& site_;
    const Column& column_;
    const Type& type_;
    std::vector<Heir> heirs_;
};

} // namespace

Outline by_successors(const WiderKey& key, const Column& column, const Site& site)
{
    return Succession(key, column, site).take_outline();
}

std::vector<Action> successor_actions(const WiderKey& key, const Column& column, const Site& site)
{
    return Succession(key, column, site).take_actions();
}

} // namespace sluice
