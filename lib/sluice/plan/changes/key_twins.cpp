#include "sluice/db/renaming.h"
#include "sluice/plan/changes/rows.h"
#include "sluice/plan/changes/twin_parts.h"
#include "sluice/plan/changes/wider_key.h"
#include "sluice/plan/lookup.h"
#include "sluice/plan/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <list>
#include <utility>

namespace sluice {
namespace {

/// A column that becomes wider, and its twin. The shape refers to the rest, so it stays in place.
struct WiderColumn {
    WiderColumn(Site at, Twin made) : site(std::move(at)), twin(std::move(made)), shape(twin, site)
    {
    }

    WiderColumn(const WiderColumn&) = delete;
    WiderColumn& operator=(const WiderColumn&) = delete;
    ~WiderColumn() = default;

    Site site;
    Twin twin;
    TwinShape shape;
};

/// One of the tables.
struct Side {
    const WiderTable& wider;
    std::list<WiderColumn> columns;
    std::vector<Index> indexes; ///< over any of the columns, the primary key's apart
    std::vector<Constraint> rules;
};

/// A column's name before contract, or after it.
using Naming = std::string (*)(const std::string&, const Dialect&);

/// How the names that a moved index or constraint is known by are reserved.
struct Reserved {
    Naming column;
    Naming rule;
};

constexpr Reserved as_twin{twin_name, twin_index_name};
constexpr Reserved as_kept{kept_name, kept_index_name};

class ByTwins {
public:
    ByTwins(const WiderKey& key, const Site& site) : key_(key), site_(site)
    {
        for (const WiderTable& wider : key.tables) {
            sides_.push_back({.wider = wider, .columns = {}, .indexes = {}, .rules = {}});
            fill(sides_.back());
        }
    }

    [[nodiscard]] Outline take() const
    {
        Outline outline{.contract = {swapping()}, .notes = notes(), .table = site_.table.name};
        for (const Side& side : sides_) {
            for (const WiderColumn& each : side.columns) {
                outline.expand.push_back(twin_added(each.twin, each.shape, each.site));
                outline.backfills.push_back(twin_filled(each.twin, each.shape, each.site));
                outline.verifications.push_back(twin_verified(each.twin, each.shape, each.site));
                outline.purge.push_back(twin_dropped(each.twin, each.shape));
            }
            add_indexes(outline, side);
            add_validations(outline, side);
            add_subject(outline, side);
        }
        return outline;
    }

private:
    [[nodiscard]] const Dialect& dialect() const { return site_.dialect; }

    void fill(Side& side)
    {
        const Table& table = side.wider.table;
        refuse_laden(side.wider, site_);
        for (const std::string& name : side.wider.columns) {
            const Column& column = *table.find(name);
            side.columns.emplace_back(site_in(table), twin_of(column));
            for (const Index& index : indexes_of(table, name, dialect())) {
                if (std::find(side.indexes.begin(), side.indexes.end(), index) ==
                    side.indexes.end()) {
                    side.indexes.push_back(index);
                }
            }
        }
        for (const Check& check : table.checks) {
            if (std::any_of(
                    side.wider.columns.begin(), side.wider.columns.end(),
                    [&](const std::string& name) { return contains(check.columns, name); })) {
                side.rules.emplace_back(check);
            }
        }
        for (const ForeignKey& key : side.wider.foreign_keys) {
            side.rules.emplace_back(key);
        }
    }

    /// Each column has triggers of its own.
    [[nodiscard]] Site site_in(const Table& table)
    {
        return {.table = table,
                .catalog = site_.catalog,
                .dialect = site_.dialect,
                .location = site_.location,
                .sync_name = fmt::format("{}_{}", site_.sync_name, ++columns_),
                .changes = site_.changes};
    }

    [[nodiscard]] Twin twin_of(const Column& column) const
    {
        Column next = column;
        next.type = key_.type;
        return {.old = column,
                .next = next,
                .name = twin_name(column.name, dialect()),
                .up = conversion(column, column.type, key_.type),
                .down = conversion(column, key_.type, column.type),
                .down_sees = column.name,
                .reads = {}};
    }

    [[nodiscard]] Conversion conversion(const Column& column, const Type& from,
                                        const Type& to) const
    {
        const std::string name = dialect().quote(column.name);
        return {.expression = name,
                .domain = dialect().cast_domain(name, from, to).value_or(""),
                .is_total = true};
    }

    [[nodiscard]] Index moved(Index index, const Side& side, const Reserved& reserved) const
    {
        for (const std::string& name : side.wider.columns) {
            index = with_column_renamed(std::move(index), name, reserved.column(name, dialect()),
                                        dialect());
        }
        index.name = reserved.rule(index.name, dialect());
        return index;
    }

    [[nodiscard]] Constraint moved(Constraint rule, const Side& side,
                                   const Reserved& reserved) const
    {
        for (const std::string& name : side.wider.columns) {
            rule = with_column_renamed(std::move(rule), name, reserved.column(name, dialect()),
                                       dialect());
        }
        return referring(std::move(rule), reserved);
    }

    /// Over the columns that it is over, to what those that it refers to are called by then.
    [[nodiscard]] Constraint referring(Constraint rule, const Reserved& reserved) const
    {
        if (auto* key = std::get_if<ForeignKey>(&rule)) {
            for (std::string& column : key->referenced_columns) {
                if (key_.has(key->referenced, column)) {
                    column = reserved.column(column, dialect());
                }
            }
        }
        return with_name(rule, reserved.rule(name_of(rule), dialect()));
    }

    /// Built as any index: what becomes the primary key's is no constraint before that.
    [[nodiscard]] static Index key_index(const Side& side)
    {
        Index index = side.wider.table.key_index;
        index.is_constraint = false;
        return index;
    }

    void add_indexes(Outline& outline, const Side& side) const
    {
        const TableName& table = side.wider.table.name;
        std::vector<Index> indexes = side.indexes;
        if (has_wider_key(side.wider)) {
            indexes.insert(indexes.begin(), key_index(side));
        }
        for (const Index& index : indexes) {
            outline.indexes.push_back(
                {.table = table,
                 .alterations = {CreateIndex{table, moved(index, side, as_twin)}},
                 .reason = fmt::format("it takes the place of \"{}\" at contract", index.name)});
        }
    }

    void add_validations(Outline& outline, const Side& side) const
    {
        const TableName& table = side.wider.table.name;
        for (const WiderColumn& each : side.columns) {
            if (!each.twin.next.nullable) {
                outline.validations.push_back(
                    {.table = table,
                     .alterations = twin_required(each.twin, each.shape),
                     .reason = fmt::format("\"{}\" is NOT NULL", each.twin.old.name)});
            }
        }
        for (const Constraint& rule : side.rules) {
            outline.validations.push_back(
                {.table = table,
                 .alterations = {AddConstraint{table, moved(rule, side, as_twin)}},
                 .reason = fmt::format("it takes the place of \"{}\"", name_of(rule))});
        }
    }

    void add_subject(Outline& outline, const Side& side) const
    {
        Subject subject{.table = side.wider.table.name, .columns = {}, .reads = {}};
        for (const std::string& name : side.wider.columns) {
            for (const std::string& each :
                 {name, twin_name(name, dialect()), kept_name(name, dialect())}) {
                subject.columns.push_back(each);
            }
        }
        for (const Constraint& rule : side.rules) {
            for (const std::string& column :
                 std::visit([](const auto& each) { return each.columns; }, rule)) {
                subject.reads += column + "\n";
            }
        }
        if (subject.table == outline.table) {
            outline.columns = subject.columns;
            outline.reads = subject.reads;
        } else {
            outline.elsewhere.push_back(std::move(subject));
        }
    }

    /// Rules go first: those that refer to a key keep it from going. They come back, on the way
    /// back, under the name that they have for a moment here.
    void retire_rules(std::vector<Alteration>& swap, const Side& side) const
    {
        const TableName& table = side.wider.table.name;
        for (const Constraint& rule : side.rules) {
            const Constraint kept = referring(rule, as_kept);
            swap.emplace_back(RenameConstraint{table, rule, name_of(kept)});
            swap.emplace_back(DropConstraint{table, kept});
        }
    }

    /// A key's column is NOT NULL, and so is one that numbers itself: both end before that does.
    void swap_column(std::vector<Alteration>& swap, const WiderColumn& each) const
    {
        const TwinShape& shape = each.shape;
        const TableName& table = shape.table();
        const Column& old = each.twin.old;
        for (const Sequence& sequence : old.sequences) {
            const bool is_wide = dialect().parse_type(sequence.type).bits >= key_.type.bits;
            swap.emplace_back(MoveSequence{table, sequence, old.name, each.twin.name,
                                           is_wide ? sequence.type : key_.type.sql});
        }
        if (!old.nullable && shape.kept().nullable) {
            swap.emplace_back(SetNullability{table, old, Nullability::nullable});
        }
        swap.emplace_back(RenameColumn{table, old.name, shape.kept().name});
        swap.emplace_back(RenameColumn{table, each.twin.name, old.name});
        if (old.default_sql) { // evaluated for what is kept, it would use up a number
            swap.emplace_back(SetDefault{table, shape.kept(), old.default_sql, std::nullopt});
            swap.emplace_back(SetDefault{table, each.twin.next, std::nullopt, old.default_sql});
        }
    }

    void swap_indexes(std::vector<Alteration>& swap, const Side& side) const
    {
        const TableName& table = side.wider.table.name;
        for (const Index& index : side.indexes) {
            const Index kept = moved(index, side, as_kept);
            const Index twin = moved(index, side, as_twin);
            swap.emplace_back(RenameIndex{table, index.name, kept.name, index.is_constraint});
            swap.emplace_back(RenameIndex{table, twin.name, index.name, index.is_constraint});
            if (index.unique) {
                swap.emplace_back(DropIndex{table, kept});
            }
        }
    }

    [[nodiscard]] std::vector<Alteration> swap(const Side& side) const
    {
        const TableName& table = side.wider.table.name;
        std::vector<Alteration> swap;
        retire_rules(swap, side);
        if (has_wider_key(side.wider)) {
            const Index key = key_index(side);
            swap.emplace_back(MovePrimaryKey{table, key, moved(key, side, as_twin),
                                             kept_index_name(key.name, dialect())});
        }
        for (const WiderColumn& each : side.columns) {
            swap_column(swap, each);
        }
        swap_indexes(swap, side);
        for (const Constraint& rule : side.rules) {
            const std::string twin = twin_index_name(name_of(rule), dialect());
            swap.emplace_back(AdoptConstraint{table, with_name(rule, twin), name_of(rule)});
        }
        for (const WiderColumn& each : side.columns) {
            swap.emplace_back(ReplaceSync{each.shape.both(), each.shape.reverse()});
        }
        return swap;
    }

    [[nodiscard]] Group swapping() const
    {
        Group group;
        for (const Side& side : sides_) {
            if (group.alterations.empty()) {
                group.table = side.wider.table.name;
                group.alterations = swap(side);
            } else {
                group.others.push_back({side.wider.table.name, swap(side)});
            }
        }
        group.reason = fmt::format("the key is {} from here on, and all that refers to it is too",
                                   key_.type.sql);
        group.summary = fmt::format("put the new columns of {} in the place of the old ones, which "
                                    "are kept until purge",
                                    quoted_names(table_names()));
        return group;
    }

    [[nodiscard]] std::vector<std::string> table_names() const
    {
        std::vector<std::string> names;
        for (const Side& side : sides_) {
            names.push_back(display(side.wider.table.name));
        }
        return names;
    }

    [[nodiscard]] std::vector<std::string> notes() const
    {
        std::vector<std::string> notes;
        for (const Side& side : sides_) {
            for (const WiderColumn& each : side.columns) {
                notes.push_back(fmt::format("After contract \"{}\" stands last in \"{}\", so that "
                                            "SELECT * gives the columns in another order.",
                                            each.twin.old.name, display(side.wider.table.name)));
            }
        }
        notes.push_back(fmt::format("Statements that the application has prepared over {} are "
                                    "planned anew at contract; a driver that keeps the types of "
                                    "results or parameters must reconnect.",
                                    quoted_names(table_names())));
        notes.push_back(fmt::format("A rollback of contract is refused while there are keys that "
                                    "{} cannot hold.",
                                    site_.table.find(sides_.back().wider.columns[0])->type.sql));
        return notes;
    }

    const WiderKey& key_;
    const Site& site_;
    int columns_ = 0;
    std::list<Side> sides_;
};

} // namespace

Outline by_twins(const WiderKey& key, const Site& site)
{
    return ByTwins(key, site).take();
}

} // namespace sluice
