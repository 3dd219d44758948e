// A successor: a table with other columns, types or key, made from an old one. Both versions of the
// application write, each its own table, from expand to contract; then the old table is put aside
// and goes on being filled until purge, so that the way back has every row.

#include "sluice/db/tokens.h"
#include "sluice/plan/changes/copied_keys.h"
#include "sluice/plan/changes/new_table.h"
#include "sluice/plan/changes/outline.h"
#include "sluice/plan/changes/pair.h"
#include "sluice/plan/changes/rows.h"
#include "sluice/plan/changes/table_keys.h"
#include "sluice/plan/keys.h"
#include "sluice/plan/lookup.h"
#include "sluice/plan/names.h"
#include "sluice/plan/refusals.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice {
namespace {

std::vector<ColumnDefinition> definitions_of(const CopyTableChange& change)
{
    std::vector<ColumnDefinition> definitions;
    for (const CopiedColumn& each : change.columns) {
        definitions.push_back(each.column);
    }
    return definitions;
}

class Copy {
public:
    Copy(const CopyTableChange& change, const Site& site)
        : change_(change)
        , site_(site)
        , ground_{site.catalog, site.dialect, site.location, site.changes}
    {
        refuse_unwalkable(site.table, site.location);
        refuse_readers(site.table, site.catalog, site.dialect, site.location);
        kept_ = new_table_name(site.catalog, kept_table(site.table.name, site.dialect),
                               site.dialect, site.location);
        const std::vector<ColumnDefinition> definitions = definitions_of(change);
        target_ = table_of({.name = change.to,
                            .columns = definitions,
                            .primary_key = change.primary_key,
                            .indexes = change.indexes},
                           ground_);
        refuse_other_schema();
        sync_.name = site.sync_name;
        read_columns();
        read_key();
        read_ways_back();
        aside_ = put_aside(site, kept_);
        keys_ = copied_keys(site, sync_, target_, aside_, held_);
        target_.foreign_keys = keys_.made;
    }

    [[nodiscard]] Outline take() const
    {
        Outline outline{.expand = {expand()},
                        .backfills = {fill_of(sync_, site_.dialect)},
                        .verifications = verifications_of(sync_, site_.dialect),
                        .contract = {contract()},
                        .purge = {purge()},
                        .notes = notes(),
                        .table = site_.table.name,
                        .whole_tables = {site_.table.name, target_.name, kept_}};
        add_keys(outline, keys_, site_, target_, aside_);
        return outline;
    }

private:
    [[nodiscard]] std::string named(const Table& table) const { return display(table.name); }

    void refuse_other_schema() const
    {
        if (target_.name.schema != site_.table.name.schema) {
            refuse_at(site_.location,
                      fmt::format("\"{}\" and \"{}\" are in two schemas", named(site_.table),
                                  named(target_)),
                      "Name a table of the same schema in `to`.");
        }
    }

    Column& target_column(const std::string& name)
    {
        return *std::find_if(target_.columns.begin(), target_.columns.end(),
                             [&](const Column& column) { return column.name == name; });
    }

    /// The old column whose value a new one holds, by whatever type; nullptr for anything else.
    [[nodiscard]] const Column* plain_source(const CopiedColumn& copied) const
    {
        if (!copied.value) {
            return site_.table.find(copied.column.name);
        }
        const std::string text =
            require_text(*copied.value, site_.dialect, "`value`", site_.location);
        const std::vector<Token> tokens = tokenize(text, site_.dialect.server().engine);
        const bool is_name = tokens.size() == 1 && tokens[0].is_name() && !copied.value_ok;
        return is_name ? site_.table.find(tokens[0].text) : nullptr;
    }

    void read_columns()
    {
        for (const CopiedColumn& copied : change_.columns) {
            Column& column = target_column(copied.column.name);
            const Column* source = plain_source(copied);
            if (source != nullptr) {
                hold(column, *source);
            } else if (copied.value) {
                value_.emplace_back(CarriedColumn{
                    column, *declared(site_, copied.value, copied.value_ok, "value")});
            } else if (!column.nullable && !column.default_sql && !column.is_identity) {
                fail_at(site_.location,
                        fmt::format("column \"{}\" of \"{}\" has no value: \"{}\" has no column "
                                    "of this name",
                                    column.name, named(target_), named(site_.table)),
                        "Give it `value = \"…\"`, a default, or nullable = true.");
            }
        }
    }

    void hold(Column& column, const Column& source)
    {
        if (column.type.family == TypeFamily::text && source.type.family == TypeFamily::text) {
            column.collation = source.collation;
            column.charset = source.charset;
        }
        held_.emplace_back(column.name, source.name);
        value_.push_back({column, converted(source, column.type,
                                            fmt::format("value` of column `{}", column.name))});
    }

    /// As it is, or by a cast whose domain is known to the letter.
    [[nodiscard]] Conversion converted(const Column& from, const Type& to,
                                       const std::string& what) const
    {
        const std::string name = site_.dialect.quote(from.name);
        if (from.type == to) {
            return {.expression = name, .domain = {}, .is_total = true};
        }
        const auto domain = site_.dialect.cast_domain(name, from.type, to);
        if (!domain) {
            refuse_at(site_.location,
                      fmt::format("no exact test is known for which values of type {} can be "
                                  "converted to {}",
                                  from.type.sql, to.sql),
                      fmt::format("Declare the `{}`, an expression over \"{}\".", what, from.name));
        }
        return {.expression = name, .domain = *domain, .is_total = true};
    }

    [[nodiscard]] std::optional<std::string> source_of(const std::string& column) const
    {
        for (const auto& [target, source] : held_) {
            if (target == column) {
                return source;
            }
        }
        return std::nullopt;
    }

    /// Both tables know a row by the same values.
    void read_key()
    {
        std::vector<std::string> own;
        for (const std::string& column : target_.primary_key) {
            const auto source = source_of(column);
            const bool same_family = source && site_.table.find(*source)->type.family ==
                                                   target_.find(column)->type.family;
            if (!same_family) {
                refuse_at(site_.location,
                          fmt::format("the key column \"{}\" of \"{}\" is no column of \"{}\" as "
                                      "it is, so that a row of one could not be told in the other",
                                      column, named(target_), named(site_.table)),
                          "Take the columns of a key of the old table into primary_key; another "
                          "key is a change of its own, once the new table stands alone.");
            }
            own.push_back(*source);
        }
        const auto keys = usable_keys(site_.table, site_.dialect);
        const bool is_key = std::any_of(keys.begin(), keys.end(), [&](auto key) {
            auto sorted = own;
            std::sort(sorted.begin(), sorted.end());
            std::sort(key.begin(), key.end());
            return sorted == key;
        });
        if (!is_key) {
            refuse_at(site_.location,
                      fmt::format("{} is no key of \"{}\"", quoted_names(own), named(site_.table)),
                      "Take all columns of a primary key or of a unique index over NOT NULL "
                      "columns.");
        }
        sync_.from = {site_.table.name, own, site_.table.columns, {}, referred()};
        sync_.to = {target_.name, target_.primary_key, target_.columns, {}};
        std::copy_if(value_.begin(), value_.end(), std::back_inserter(sync_.to.carried),
                     [&](const CarriedColumn& each) {
                         return !contains(target_.primary_key, each.column.name);
                     });
        share_numbers(*site_.table.find(own.front()), target_column(target_.primary_key.front()));
    }

    [[nodiscard]] Referred referred() const
    {
        Referred referred = Referred::by_none;
        for (const ForeignKey& key : site_.table.referenced_by) {
            if (key.referenced == site_.table.name) {
                referred = std::max(referred, Referred::by_itself);
            } else if (!is_dropped(key, site_)) {
                referred = Referred::by_others;
            }
        }
        for (const ForeignKey& key : site_.table.foreign_keys) {
            if (key.referenced == site_.table.name) {
                referred = std::max(referred, Referred::by_itself);
            }
        }
        return referred;
    }

    /// Two tables that number their rows each by itself would give one number to two rows.
    void share_numbers(const Column& source, Column& key)
    {
        const bool counts =
            source.is_identity || (source.default_sql && mentions(*source.default_sql, "nextval",
                                                                  site_.dialect.server().engine));
        sync_.shares_numbers = key.is_identity && counts;
        if (key.is_identity && !counts) {
            fail_at(site_.location,
                    fmt::format("column \"{}\" is to number itself, and \"{}\" of \"{}\" does not",
                                key.name, source.name, named(site_.table)),
                    "Leave out `identity` until the old table is gone.");
        }
        key.is_identity = key.is_identity && !site_.dialect.capabilities().shares_sequences;
    }

    void read_ways_back()
    {
        for (const auto& [column, text] : change_.downs) {
            const Column& old = require_column(site_.table, column, site_.location);
            if (contains(sync_.from.key, old.name)) {
                fail_at(site_.location, fmt::format("`downs` gives the key \"{}\"", column),
                        "Leave it out: a row keeps its key.");
            }
            sync_.from.carried.push_back({old, *declared(site_, text, {}, "downs." + column)});
        }
        for (const Column& old : site_.table.columns) {
            if (!old.generated && !contains(sync_.from.key, old.name) && !is_given(old)) {
                derive_way_back(old);
            }
        }
        for (const CarriedColumn& carried : sync_.to.carried) {
            require_ways_back(carried);
        }
    }

    /// What the new application writes into a column must be told from what is out of step.
    void require_ways_back(const CarriedColumn& carried) const
    {
        for (const Column& read : site_.table.columns) {
            const auto& ways = sync_.from.carried;
            const bool has_way =
                std::any_of(ways.begin(), ways.end(), [&](const CarriedColumn& each) {
                    return each.column.name == read.name;
                });
            const bool is_read =
                mentions(carried.value.expression, read.name, site_.dialect.server().engine);
            if (is_read && !has_way && !contains(sync_.from.key, read.name)) {
                refuse_at(site_.location,
                          fmt::format("\"{}\" of \"{}\" is computed from \"{}\", and nothing says "
                                      "how that is written from a row of \"{}\"",
                                      carried.column.name, named(target_), read.name,
                                      named(target_)),
                          fmt::format("Declare downs = {{ {} = \"…\" }}, SQL over a row of the "
                                      "new table.",
                                      read.name));
            }
        }
    }

    [[nodiscard]] bool is_given(const Column& old) const
    {
        return std::any_of(change_.downs.begin(), change_.downs.end(), [&](const auto& down) {
            return site_.table.find(down.first)->name == old.name;
        });
    }

    void derive_way_back(const Column& old)
    {
        for (const auto& [target, source] : held_) {
            if (source == old.name) {
                sync_.from.carried.push_back({old, converted(*target_.find(target), old.type,
                                                             fmt::format("downs.{}", old.name))});
                return;
            }
        }
        if (!old.nullable && !old.default_sql && !old.is_identity) {
            refuse_at(site_.location,
                      fmt::format("no column of \"{}\" gives \"{}\" of \"{}\", which is NOT NULL "
                                  "and has no default: a row that the new application inserts "
                                  "could not be carried back",
                                  named(target_), old.name, named(site_.table)),
                      fmt::format("Declare downs = {{ {} = \"…\" }}, SQL over a row of the new "
                                  "table.",
                                  old.name));
        }
    }

    [[nodiscard]] TableSync reverse() const
    {
        TableSync sync = sync_;
        sync.direction = TableSyncDirection::reverse;
        sync.from.name = kept_;
        sync.from.referred = Referred::by_none; // those keys go with the old table
        return sync;
    }

    [[nodiscard]] Group expand() const
    {
        return {.table = target_.name,
                .alterations = {CreateTable{target_, site_.table.name}, CreateTableSync{sync_}},
                .reason = "each version of the application writes its own table, and triggers "
                          "carry it to the other"};
    }

    [[nodiscard]] Group contract() const
    {
        return {.table = target_.name,
                .alterations = {ReplaceTableSync{sync_, reverse()},
                                RenameTable{site_.table.name, kept_}},
                .reason = fmt::format("the application works without \"{}\" from here on",
                                      named(site_.table)),
                .summary = fmt::format("put table \"{}\" aside, which is filled until purge as "
                                       "\"{}\"",
                                       named(site_.table), display(kept_))};
    }

    [[nodiscard]] Group purge() const
    {
        return {.table = kept_,
                .alterations = {DropTableSync{reverse()}, DropTable{lacking(aside_, keys_.let_go)}},
                .reason = fmt::format("what contract kept of \"{}\" is no longer needed",
                                      named(site_.table))};
    }

    [[nodiscard]] std::vector<std::string> notes() const
    {
        std::vector<std::string> notes = {
            fmt::format("A rollback drops \"{}\"; what was written to it is in \"{}\", as far as "
                        "that has columns for it.",
                        named(target_), named(site_.table))};
        if (site_.dialect.capabilities().one_writer) {
            return notes;
        }
        notes.emplace_back("Two transactions that write one row at the same time, each in another "
                           "of the two tables, deadlock: the server ends one of them.");
        if (sync_.shares_numbers && !site_.dialect.capabilities().shares_sequences) {
            notes.push_back(fmt::format(
                "\"{}\" and \"{}\" number their rows each by itself: where both versions insert at "
                "the same moment, the later one may meet a duplicate key or a deadlock and has to "
                "try again.",
                named(site_.table), named(target_)));
        }
        return notes;
    }

    const CopyTableChange& change_;
    const Site& site_;
    Ground ground_;
    TableName kept_;
    Table target_;
    Table aside_; ///< the old table as it is when it was put aside
    Held held_;
    std::vector<CarriedColumn> value_;
    TableSync sync_;
    CopiedKeys keys_;
};

} // namespace

Outline outline(const CopyTableChange& change, const Site& site)
{
    return Copy(change, site).take();
}

} // namespace sluice
