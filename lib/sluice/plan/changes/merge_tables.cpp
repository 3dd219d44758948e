// A part of a table goes back into it: its columns become columns of the whole. Until contract, a
// row of the part that is missing means that all of them are at their defaults; then the part is
// put aside, and goes on being filled until purge.

#include "sluice/plan/changes/link.h"
#include "sluice/plan/changes/linked.h"
#include "sluice/plan/changes/rows.h"
#include "sluice/plan/keys.h"
#include "sluice/plan/lookup.h"
#include "sluice/plan/names.h"
#include "sluice/plan/refusals.h"

#include <fmt/format.h>

namespace sluice {
namespace {

class Merge {
public:
    Merge(const MergeTablesChange& change, const Site& site)
        : site_(site), whole_(require_table(site.catalog, change.into, site.location))
    {
        refuse_what_stands_in_the_way();
        link_ = change.on.empty() ? link_by_keys(site, whole_) : link_of(change.on, site, whole_);
        refuse_several_parts();
        refuse_cascades(site, whole_, link_.to);
        names_ = movable(site, change.columns);
        refuse_unfilled();
        kept_ = new_table_name(site.catalog, kept_table(site.table.name, site.dialect),
                               site.dialect, site.location);
        const Table part = relaxed_table(site, names_);
        sync_ = {.name = site.sync_name,
                 .from = {part.name, walking_key(site), columns_of(part, link_.from), true},
                 .to = {whole_.name, key_of_whole(), columns_of(whole_, link_.to)},
                 .columns = {}};
        for (const std::string& name : names_) {
            refuse_name(whole_, name, site.dialect, site.location);
            const Column& column = *part.find(name);
            sync_.columns.push_back({column, moved(column, name)});
        }
    }

    [[nodiscard]] Outline take() const
    {
        return {.expand = expand(),
                .backfills = {fill_of_columns(sync_, site_, whole_after())},
                .verifications = verifications_of(sync_, site_.dialect),
                .contract = {contract()},
                .purge = {purge()},
                .notes = notes(),
                .table = site_.table.name,
                .whole_tables = {site_.table.name, kept_},
                .elsewhere = {{.table = whole_.name,
                               .columns = names_,
                               .reads = fmt::format("{}", fmt::join(link_.to, " "))}}};
    }

private:
    void refuse_what_stands_in_the_way() const
    {
        refuse_unwalkable(site_.table, site_.location);
        refuse_unwalkable(whole_, site_.location);
        refuse_other_schema(site_, whole_.name);
        if (whole_.name == site_.table.name) {
            fail_at(site_.location, "`table` and `into` are the same", "Name two tables.");
        }
        refuse_foreign_keys(site_.table, site_.location);
        refuse_readers(site_.table, site_.catalog, site_.dialect, site_.location);
    }

    void refuse_several_parts() const
    {
        if (!is_unique(site_.table, link_.from)) {
            refuse_at(site_.location,
                      fmt::format("{} is no key of \"{}\": several of its rows could belong to one "
                                  "of \"{}\"",
                                  quoted_names(link_.from), display(site_.table.name),
                                  display(whole_.name)),
                      "Name all columns of its primary key or of a unique index in `on`.");
        }
    }

    /// What the new application writes makes rows of the part, too.
    void refuse_unfilled() const
    {
        for (const Column& column : site_.table.columns) {
            const bool is_given =
                contains(names_, column.name) || contains(link_.from, column.name);
            if (!is_given && !column.nullable && !column.default_sql && !column.is_identity &&
                !column.generated) {
                refuse_at(site_.location,
                          fmt::format("\"{}\" of \"{}\" is NOT NULL and has no default: a row that "
                                      "the new application writes could not be carried there",
                                      column.name, display(site_.table.name)),
                          "Name it in `columns`, or make it nullable with drop_not_null in an "
                          "earlier migration.");
            }
        }
    }

    [[nodiscard]] Site site_of_whole() const
    {
        return {.table = whole_,
                .catalog = site_.catalog,
                .dialect = site_.dialect,
                .location = site_.location,
                .sync_name = site_.sync_name,
                .changes = site_.changes};
    }

    [[nodiscard]] std::vector<Column> key_of_whole() const { return walking_key(site_of_whole()); }

    [[nodiscard]] Table whole_after() const
    {
        Table table = whole_;
        for (const LinkedColumn& column : sync_.columns) {
            table.columns.push_back(column.to);
        }
        return table;
    }

    [[nodiscard]] LinkSync reverse() const
    {
        LinkSync sync = sync_;
        sync.direction = LinkDirection::reverse;
        sync.from.name = kept_;
        return sync;
    }

    [[nodiscard]] std::vector<Group> expand() const
    {
        std::vector<Group> groups;
        std::vector<Alteration> relaxed = relaxing(site_, names_);
        if (!relaxed.empty()) {
            groups.push_back(
                {.table = site_.table.name,
                 .alterations = std::move(relaxed),
                 .reason = fmt::format("the new application may leave it out in \"{}\"",
                                       display(whole_.name))});
        }
        Group group{.table = whole_.name, .alterations = {}};
        for (const LinkedColumn& column : sync_.columns) {
            group.alterations.emplace_back(AddColumn{whole_.name, column.to});
        }
        group.alterations.emplace_back(CreateLinkSync{sync_});
        group.reason = "each version of the application writes its own columns, and triggers carry "
                       "them to the other's";
        groups.push_back(std::move(group));
        return groups;
    }

    [[nodiscard]] Group contract() const
    {
        return {.table = whole_.name,
                .alterations = {ReplaceLinkSync{sync_, reverse()},
                                RenameTable{site_.table.name, kept_}},
                .reason = fmt::format("the application works without \"{}\" from here on",
                                      display(site_.table.name)),
                .summary = fmt::format("put table \"{}\" aside, which is filled until purge as "
                                       "\"{}\"",
                                       display(site_.table.name), display(kept_))};
    }

    [[nodiscard]] Group purge() const
    {
        Table aside = site_.table;
        aside.name = kept_;
        return {.table = kept_,
                .alterations = {DropLinkSync{reverse()}, DropTable{aside}},
                .reason = fmt::format("what contract kept of \"{}\" is no longer needed",
                                      display(site_.table.name))};
    }

    [[nodiscard]] std::vector<std::string> notes() const
    {
        const std::string part = display(site_.table.name);
        const std::string whole = display(whole_.name);
        std::vector<std::string> notes = {
            fmt::format("Until contract, a row of \"{}\" whose columns are at their defaults needs "
                        "none in \"{}\", and one that says something has one there: the old "
                        "application writes it with an upsert.",
                        whole, part)};
        std::vector<std::string> lost;
        for (const Column& column : site_.table.columns) {
            if (!contains(names_, column.name) && !contains(link_.from, column.name)) {
                lost.push_back(column.name);
            }
        }
        if (!lost.empty()) {
            notes.push_back(fmt::format("{} of \"{}\" {} with the table.", quoted_names(lost), part,
                                        lost.size() > 1 ? "go" : "goes"));
        }
        for (const LinkedColumn& column : sync_.columns) {
            if (!site_.table.find(column.from.name)->nullable && column.to.nullable) {
                notes.push_back(fmt::format(
                    "\"{}\" may be NULL in \"{}\", where a row may have none of \"{}\": once "
                    "every row has a value, make it NOT NULL with set_not_null.",
                    column.to.name, whole, part));
            }
        }
        const std::vector<std::string> more = notes_of(sync_, site_);
        notes.insert(notes.end(), more.begin(), more.end());
        return notes;
    }

    const Site& site_;
    const Table& whole_;
    Link link_;
    std::vector<std::string> names_; ///< of the columns that move
    TableName kept_;
    LinkSync sync_;
};

} // namespace

Outline outline(const MergeTablesChange& change, const Site& site)
{
    return Merge(change, site).take();
}

} // namespace sluice
