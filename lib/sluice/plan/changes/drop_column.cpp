#include "sluice/plan/changes/rows.h"
#include "sluice/plan/lookup.h"
#include "sluice/plan/names.h"
#include "sluice/plan/refusals.h"
#include "sluice/plan/simulate.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice {
namespace {

class Drop {
public:
    Drop(const DropColumnChange& change, const Site& site)
        : site_(site)
        , table_(site.table.name)
        , old_(require_column(site.table, change.column, site.location))
        , kept_name_(kept_name(old_.name, site.dialect))
        , down_(declared(site, change.down, change.down_ok, "down"))
        , undo_fill_(optional_text(change.undo_fill, site.dialect, "`undo_fill`", site.location))
    {
        refuse_dependants(site.table, old_, site.dialect, site.location);
        refuse_name(site.table, kept_name_, site.dialect, site.location);
        relaxed_ = *altered(site.table, relaxing(), site.dialect).find(old_.name);
    }

    [[nodiscard]] Outline take() const
    {
        Outline outline{.contract = {contract()},
                        .purge = {purge()},
                        .table = table_,
                        .columns = {old_.name, kept_name_},
                        .reads = down_ ? down_->expression + " " + down_->domain : ""};
        add_expand(outline);
        if (undo_fill_ && kept().nullable && !relaxed_.nullable) {
            outline.contract_undo.push_back(fill(Phase::contract, kept_name_));
        }
        add_notes(outline);
        return outline;
    }

private:
    /// What lets the new application insert rows without the column, from expand on.
    [[nodiscard]] std::vector<Alteration> relaxing() const
    {
        const bool is_filled = down_ && site_.dialect.capabilities().required_column ==
                                            RequiredColumn::filled_by_trigger;
        if (old_.nullable || old_.default_sql || is_filled) {
            return {};
        }
        return {SetNullability{table_, old_, Nullability::nullable}};
    }

    /// The column from contract until purge. With a default and nobody to write it, it may stay NOT
    /// NULL; what a trigger fills may not.
    [[nodiscard]] Column kept() const
    {
        Column column = relaxed_;
        column.name = kept_name_;
        column.nullable = column.nullable || down_.has_value();
        return column;
    }

    [[nodiscard]] Sync sync(const Column& column, const std::vector<Column>& key) const
    {
        Sync sync{.name = site_.sync_name,
                  .table = table_,
                  .key = names_of(key),
                  .row = sync_row(site_, {column}, key, down_->expression + " " + down_->domain),
                  .direction = SyncDirection::backward,
                  .olds = {{.name = column.name, .value = *down_}},
                  .news = {},
                  .down_sees = {}};
        std::erase_if(sync.row, [&](const Column& each) {
            return each.name == old_.name && each.name != column.name;
        });
        return sync;
    }

    void add_expand(Outline& outline) const
    {
        Group group{.table = table_, .alterations = relaxing()};
        group.reason = "the new application inserts rows without it";
        if (down_) {
            group.alterations.emplace_back(CreateSync{sync(relaxed_, walking_key(site_))});
            group.reason = "triggers fill it in rows that the new application inserts without it";
        }
        if (group.alterations.empty()) {
            return;
        }
        outline.expand.push_back(std::move(group));
        if (undo_fill_ && relaxed_.nullable && !old_.nullable) {
            outline.expand_undo.push_back(fill(Phase::expand, old_.name));
        }
    }

    [[nodiscard]] Group contract() const
    {
        Group group{.table = table_, .alterations = {}};
        for (const Index& index : indexes_of(site_.table, old_.name, site_.dialect)) {
            if (index.unique) {
                group.alterations.emplace_back(DropIndex{table_, index});
            }
        }
        if (kept().nullable && !relaxed_.nullable) {
            group.alterations.emplace_back(SetNullability{table_, relaxed_, Nullability::nullable});
        }
        group.alterations.emplace_back(RenameColumn{table_, old_.name, kept_name_});
        if (down_) {
            const std::vector<Column> key = walking_key(site_);
            group.alterations.emplace_back(ReplaceSync{sync(relaxed_, key), sync(kept(), key)});
        }
        group.summary =
            fmt::format("put \"{}\" of \"{}\" aside, which is kept until purge as \"{}\"",
                        old_.name, display(table_), kept_name_);
        group.reason = fmt::format("the application works without \"{}\" from here on", old_.name);
        return group;
    }

    [[nodiscard]] Group purge() const
    {
        Group group{.table = table_, .alterations = {}};
        if (down_) {
            group.alterations.emplace_back(DropSync{sync(kept(), walking_key(site_))});
        }
        group.alterations.emplace_back(DropColumn{table_, kept()});
        group.reason = fmt::format("what contract kept of \"{}\" is no longer needed", old_.name);
        return group;
    }

    /// Before NOT NULL comes back with a rollback, rows without a value get one.
    [[nodiscard]] Action fill(Phase phase, const std::string& column) const
    {
        const Dialect& dialect = site_.dialect;
        const std::string sql =
            fmt::format("UPDATE {} SET {} = {} WHERE {} IS NULL", dialect.quote(table_),
                        dialect.quote(column), *undo_fill_, dialect.quote(column));
        return {.phase = phase,
                .summary = fmt::format("the way back: fill \"{}\" of \"{}\" where it is NULL",
                                       column, display(table_)),
                .reason = fmt::format("\"{}\" comes back NOT NULL", old_.name),
                .work = SchemaWork{.mode = dialect.mode_of(sql), .steps = {}},
                .undo = SchemaWork{.mode = dialect.mode_of(sql),
                                   .steps = {Step{.sql = sql, .done = {}, .is_repeatable = true}}},
                .tables = {table_},
                .serves_way_back = true};
    }

    void add_notes(Outline& outline) const
    {
        const std::string table = display(table_);
        if (!down_ && !old_.nullable && !old_.default_sql && !undo_fill_) {
            outline.notes.push_back(fmt::format(
                "Rows inserted after expand have no \"{}\": a rollback then stops before it makes "
                "the column NOT NULL again, unless undo_fill gives them a value.",
                old_.name));
        }
        if (!down_ && (old_.nullable || old_.default_sql)) {
            outline.notes.push_back(fmt::format(
                "Rows inserted into \"{}\" after contract get {} for \"{}\" if it comes back.",
                table, old_.default_sql ? "the default" : "NULL", old_.name));
        }
        if (down_ && old_.default_sql) {
            outline.notes.push_back(
                fmt::format("\"{}\" has a default: `down` fills it only in rows "
                            "that give it NULL.",
                            old_.name));
        }
        for (const Index& index : indexes_of(site_.table, old_.name, site_.dialect)) {
            if (index.parts.size() + index.included.size() > 1) {
                outline.notes.push_back(fmt::format(
                    "The index \"{}\" over \"{}\" and other columns goes with it at {}.",
                    index.name, old_.name, index.unique ? "contract" : "purge"));
            }
        }
    }

    const Site& site_;
    TableName table_;
    Column old_;
    std::string kept_name_;
    std::optional<Conversion> down_;
    std::optional<std::string> undo_fill_;
    Column relaxed_; ///< the column from expand to contract
};

} // namespace

Outline outline(const DropColumnChange& change, const Site& site)
{
    refuse_unwalkable(site.table, site.location);
    return Drop(change, site).take();
}

} // namespace sluice
