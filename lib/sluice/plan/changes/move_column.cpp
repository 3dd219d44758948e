// A column goes into another table, to whose rows a link leads. The rows of both live by
// themselves; while both versions of the application write, a value that is written to one row is
// written to those that belong to it.

#include "sluice/plan/changes/link.h"
#include "sluice/plan/changes/linked.h"
#include "sluice/plan/changes/rows.h"
#include "sluice/plan/keys.h"
#include "sluice/plan/lookup.h"
#include "sluice/plan/refusals.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice {
namespace {

class Move {
public:
    Move(const MoveColumnChange& change, const Site& site)
        : site_(site), target_(require_table(site.catalog, change.to, site.location))
    {
        refuse_unwalkable(site.table, site.location);
        refuse_unwalkable(target_, site.location);
        refuse_other_schema(site, target_.name);
        if (target_.name == site.table.name) {
            fail_at(site.location, "`table` and `to` are the same",
                    "Name two tables, or use rename_column.");
        }
        link_ = link_of(change.on, site, target_);
        is_one_to_one_ = is_unique(site.table, link_.from);
        refuse_several();
        refuse_unindexed();
        name_ = movable(site, {change.column}).front();
        refuse_moved_link();
        refuse_kept_names(site, {name_});
        const std::string name = change.as.value_or(name_);
        refuse_name(target_, name, site.dialect, site.location);
        const Table relaxed = relaxed_table(site, {name_});
        const Column& column = *relaxed.find(name_);
        sync_ = {.name = site.sync_name,
                 .from = {relaxed.name, walking_key(site), columns_of(relaxed, link_.from), false,
                          is_one_to_one_},
                 .to = {target_.name, walking_key(site_of_target()), columns_of(target_, link_.to)},
                 .columns = {{column, moved(column, name)}}};
    }

    [[nodiscard]] Outline take() const
    {
        Table after = target_;
        after.columns.push_back(sync_.columns.front().to);
        return {.expand = expand(),
                .backfills = {fill_of_columns(sync_, site_, after)},
                .verifications = verifications_of(sync_, site_.dialect),
                .contract = {put_aside(sync_, site_)},
                .purge = purge_of(sync_, site_),
                .notes = notes(),
                .table = site_.table.name,
                .columns = with_kept_names({name_}, site_.dialect),
                .reads = fmt::format("{}", fmt::join(link_.from, " ")),
                .elsewhere = {{.table = target_.name,
                               .columns = {sync_.columns.front().to.name},
                               .reads = fmt::format("{}", fmt::join(link_.to, " "))}}};
    }

private:
    [[nodiscard]] Site site_of_target() const
    {
        return {.table = target_,
                .catalog = site_.catalog,
                .dialect = site_.dialect,
                .location = site_.location,
                .sync_name = site_.sync_name,
                .changes = site_.changes};
    }

    void refuse_several() const
    {
        if (!is_one_to_one_ && !site_.dialect.capabilities().triggers_write_own_table) {
            refuse_at(site_.location,
                      fmt::format("several rows of \"{}\" may lead to one of \"{}\", and on this "
                                  "server a trigger cannot write the other rows of a table that "
                                  "the statement writes",
                                  display(site_.table.name), display(target_.name)),
                      fmt::format("Where there is never more than one, add a unique index over {} "
                                  "with add_index in an earlier migration; or write the phases out "
                                  "with [[expand]], [[backfill]], [[verify]] and [[contract]], for "
                                  "an application that writes both columns.",
                                  quoted_names(link_.from)));
        }
    }

    void refuse_unindexed() const
    {
        const auto is_first = [&](const Index& index) {
            std::vector<std::string> first;
            for (const IndexPart& part : index.parts) {
                if (first.size() < link_.from.size()) {
                    first.push_back(part.column);
                }
            }
            return index.valid && index.predicate.empty() &&
                   std::is_permutation(first.begin(), first.end(), link_.from.begin(),
                                       link_.from.end());
        };
        const auto& indexes = site_.table.indexes;
        if (!is_one_to_one_ && std::none_of(indexes.begin(), indexes.end(), is_first)) {
            refuse_at(site_.location,
                      fmt::format("no index of \"{}\" begins with {}: every write to \"{}\" would "
                                  "read the whole table",
                                  display(site_.table.name), quoted_names(link_.from),
                                  display(target_.name)),
                      "Add one with add_index in an earlier migration.");
        }
    }

    void refuse_moved_link() const
    {
        if (contains(link_.from, name_)) {
            fail_at(
                site_.location,
                fmt::format("\"{}\" is part of what leads to \"{}\"", name_, display(target_.name)),
                "Name another column in `column`, or in `on`.");
        }
    }

    [[nodiscard]] std::vector<Group> expand() const
    {
        std::vector<Group> groups;
        std::vector<Alteration> relaxed = relaxing(site_, {name_});
        if (!relaxed.empty()) {
            groups.push_back({.table = site_.table.name,
                              .alterations = std::move(relaxed),
                              .reason = "the new application inserts rows without it"});
        }
        groups.push_back(
            {.table = target_.name,
             .alterations = {AddColumn{target_.name, sync_.columns.front().to},
                             CreateLinkSync{sync_}},
             .reason = "each version of the application writes its own column, and triggers carry "
                       "it to the other's"});
        return groups;
    }

    [[nodiscard]] std::vector<std::string> notes() const
    {
        const std::string table = display(site_.table.name);
        const std::string target = display(target_.name);
        std::vector<std::string> notes;
        if (!is_one_to_one_) {
            notes.push_back(fmt::format(
                "Where several rows of \"{}\" lead to one of \"{}\", a value that is written to "
                "one of them is written to all. Those that disagree from before are left as they "
                "are, and contract is refused until they agree.",
                table, target));
        }
        notes.push_back(fmt::format("A row of \"{}\" that has a value and leads to no row of "
                                    "\"{}\" would lose it at purge: contract is refused until it "
                                    "has none, or leads to one.",
                                    table, target));
        const std::vector<std::string> more = notes_of(sync_, site_);
        notes.insert(notes.end(), more.begin(), more.end());
        return notes;
    }

    const Site& site_;
    const Table& target_;
    Link link_;
    bool is_one_to_one_ = false;
    std::string name_;
    LinkSync sync_;
};

} // namespace

Outline outline(const MoveColumnChange& change, const Site& site)
{
    return Move(change, site).take();
}

} // namespace sluice
