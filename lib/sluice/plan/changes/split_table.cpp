// A part of a table: columns that get a table of their own, with the same key. A row that is
// missing there means that all its columns are at their defaults, so that the new application may
// insert into the old table and then into the new one, or not at all.

#include "sluice/plan/changes/linked.h"
#include "sluice/plan/changes/new_table.h"
#include "sluice/plan/changes/rows.h"
#include "sluice/plan/keys.h"
#include "sluice/plan/lookup.h"
#include "sluice/plan/refusals.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice {
namespace {

/// What shields some rows of a table from some of its readers does not go with the columns.
void refuse_row_security(const Site& site)
{
    const auto& settings = site.table.settings;
    const bool is_shielded =
        std::any_of(settings.begin(), settings.end(), [](const std::string& setting) {
            return setting.find("ROW LEVEL SECURITY") != std::string::npos;
        });
    if (is_shielded) {
        refuse_at(site.location,
                  fmt::format("\"{}\" has row-level security, which the new table would not have",
                              display(site.table.name)),
                  "Make the new table with its policies in an earlier migration, and write the "
                  "phases out with [[expand]], [[backfill]] and [[contract]].");
    }
}

class Split {
public:
    Split(const SplitTableChange& change, const Site& site) : change_(change), site_(site)
    {
        refuse_unwalkable(site.table, site.location);
        key_ = choose_key(site.table, {}, site.dialect, site.location);
        refuse_row_security(site);
        refuse_cascades(site, site.table, names_of(key_));
        names_ = movable(site, change.columns);
        refuse_kept_names(site, names_);
        part_ = part();
        refuse_other_schema(site, part_.name);
        sync_ = {.name = site.sync_name,
                 .from = {site.table.name, key_, key_},
                 .to = {part_.name, key_, key_, true},
                 .columns = {}};
        const Table relaxed = relaxed_table(site, names_);
        for (const std::string& name : names_) {
            sync_.columns.push_back({*relaxed.find(name), *part_.find(name)});
        }
    }

    [[nodiscard]] Outline take() const
    {
        return {.expand = expand(),
                .backfills = {fill_of_part(sync_, site_.dialect)},
                .verifications = verifications_of(sync_, site_.dialect),
                .contract = {put_aside(sync_, site_)},
                .purge = purge_of(sync_, site_),
                .notes = notes(),
                .table = site_.table.name,
                .columns = with_kept_names(names_, site_.dialect),
                .reads = fmt::format("{}", fmt::join(names_of(key_), " ")),
                .whole_tables = {part_.name}};
    }

private:
    [[nodiscard]] Table part() const
    {
        std::vector<ColumnDefinition> definitions;
        for (const std::string& name : all_names()) {
            const Column& column = *site_.table.find(name);
            definitions.push_back({.name = name,
                                   .type = {.all = column.type.sql, .by_engine = {}},
                                   .default_sql = {},
                                   .nullable = column.nullable,
                                   .identity = false,
                                   .comment = {}});
        }
        const Ground ground{site_.catalog, site_.dialect, site_.location, site_.changes};
        Table table = table_of({.name = change_.into,
                                .columns = definitions,
                                .primary_key = names_of(key_),
                                .indexes = change_.indexes},
                               ground);
        for (Column& column : table.columns) {
            const bool is_key = contains(table.primary_key, column.name);
            column = moved(*site_.table.find(column.name), column.name);
            if (is_key) {
                column.default_sql.reset(); // the old table's row gives it
            }
        }
        return table;
    }

    [[nodiscard]] std::vector<std::string> all_names() const
    {
        std::vector<std::string> names = names_of(key_);
        names.insert(names.end(), names_.begin(), names_.end());
        return names;
    }

    [[nodiscard]] std::vector<Group> expand() const
    {
        std::vector<Group> groups;
        std::vector<Alteration> relaxed = relaxing(site_, names_);
        if (!relaxed.empty()) {
            groups.push_back({.table = site_.table.name,
                              .alterations = std::move(relaxed),
                              .reason = fmt::format("the new application writes it into \"{}\", "
                                                    "once the row is there",
                                                    display(part_.name))});
        }
        groups.push_back(
            {.table = part_.name,
             .alterations = {CreateTable{part_, site_.table.name}, CreateLinkSync{sync_}},
             .reason = "each version of the application writes its own columns, and "
                       "triggers carry them to the other's"});
        return groups;
    }

    [[nodiscard]] std::vector<std::string> notes() const
    {
        const std::string table = display(site_.table.name);
        const std::string part = display(part_.name);
        std::vector<std::string> notes = {
            fmt::format("A row that is missing in \"{}\" means that all its columns are at their "
                        "defaults: the new application reads it with a LEFT JOIN and writes it "
                        "with an upsert.",
                        part),
            fmt::format("A row that is deleted in \"{}\" goes in \"{}\" too, until contract: from "
                        "then on that is for the application to see to.",
                        table, part),
            fmt::format("A rollback drops \"{}\"; what was written to it is in \"{}\".", part,
                        table)};
        const std::vector<std::string> more = notes_of(sync_, site_);
        notes.insert(notes.end(), more.begin(), more.end());
        return notes;
    }

    const SplitTableChange& change_;
    const Site& site_;
    std::vector<Column> key_;
    std::vector<std::string> names_; ///< of the columns that move
    Table part_;
    LinkSync sync_;
};

} // namespace

Outline outline(const SplitTableChange& change, const Site& site)
{
    return Split(change, site).take();
}

} // namespace sluice
