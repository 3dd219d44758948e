#include "sluice/plan/simulate.h"

#include "sluice/core/error.h"
#include "sluice/db/renaming.h"
#include "sluice/db/tokens.h"
#include "sluice/plan/key_names.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice {
namespace {

[[noreturn]] void misfit(const Table& table, std::string_view what, const std::string& name)
{
    throw Error(ErrorKind::internal,
                fmt::format("the plan loses track of {} \"{}\" of table \"{}\"", what, name,
                            display(table.name)));
}

std::vector<Column>::iterator column_of(Table& table, const std::string& name)
{
    const auto found = std::find_if(table.columns.begin(), table.columns.end(),
                                    [&](const Column& column) { return column.name == name; });
    if (found == table.columns.end()) {
        misfit(table, "column", name);
    }
    return found;
}

std::vector<Index>::iterator index_of(Table& table, const std::string& name)
{
    const auto found =
        std::find_if(table.indexes.begin(), table.indexes.end(), [&](const Index& index) {
            return index.name == name || (index.is_constraint && index.known_as == name);
        });
    if (found == table.indexes.end()) {
        misfit(table, "index", name);
    }
    return found;
}

void sort_indexes(Table& table)
{
    std::sort(table.indexes.begin(), table.indexes.end(),
              [](const Index& a, const Index& b) { return a.name < b.name; });
}

void rename(std::vector<std::string>& names, const std::string& from, const std::string& to)
{
    std::replace(names.begin(), names.end(), from, to);
}

void rename(Index& index, const RenameColumn& renaming, const Dialect& dialect)
{
    const auto follow = [&](std::string& sql) {
        sql = renamed(sql, renaming.from, renaming.to, dialect);
    };
    for (IndexPart& part : index.parts) {
        part.column = part.column == renaming.from ? renaming.to : part.column;
        follow(part.expression);
    }
    follow(index.predicate);
    rename(index.included, renaming.from, renaming.to);
}

bool reads(const Index& index, const std::string& column, Engine engine)
{
    return mentions(index.predicate, column, engine) ||
           std::any_of(index.parts.begin(), index.parts.end(), [&](const IndexPart& part) {
               return part.column == column || mentions(part.expression, column, engine);
           });
}

struct Alter {
    Table& table;
    const Dialect& dialect;

    void operator()(const AddColumn& a) const { table.columns.push_back(a.column); }

    void operator()(const DropColumn& a) const
    {
        table.columns.erase(column_of(table, a.column.name));
        const auto gone =
            std::remove_if(table.indexes.begin(), table.indexes.end(), [&](const Index& index) {
                return reads(index, a.column.name, dialect.server().engine);
            });
        table.indexes.erase(gone, table.indexes.end());
    }

    void operator()(const RenameColumn& a) const
    {
        column_of(table, a.from)->name = a.to;
        rename(table.primary_key, a.from, a.to);
        for (Index& index : table.indexes) {
            rename(index, a, dialect);
        }
        rename(table.key_index, a, dialect);
        for (Check& check : table.checks) {
            rename(check.columns, a.from, a.to);
        }
        for (ForeignKey& key : table.foreign_keys) {
            rename(key.columns, a.from, a.to);
        }
        for (ForeignKey& key : table.referenced_by) {
            rename(key.columns, a.from, a.to);
        }
    }

    void operator()(const SetDefault& a) const
    {
        column_of(table, a.column.name)->default_sql = a.to;
    }

    void operator()(const SetComment& a) const { column_of(table, a.column.name)->comment = a.to; }

    void operator()(const SetNullability& a) const
    {
        column_of(table, a.column.name)->nullable = a.to == Nullability::nullable;
    }

    void operator()(const CreateIndex& a) const
    {
        table.indexes.push_back(a.index);
        sort_indexes(table);
    }

    void operator()(const DropIndex& a) const
    {
        table.indexes.erase(index_of(table, a.index.name));
    }

    void operator()(const RenameIndex& a) const
    {
        const auto index = index_of(table, a.from);
        (index->known_as == a.from ? index->known_as : index->name) = a.to;
        sort_indexes(table);
    }

    void operator()(const AddConstraint& a) const
    {
        std::visit([this](const auto& each) { add(each); }, a.constraint);
    }

    void operator()(const DropConstraint& a) const
    {
        std::visit([this](const auto& each) { drop(each); }, a.constraint);
    }

    void operator()(const RenameConstraint& a) const
    {
        (*this)(DropConstraint{a.table, a.constraint});
        (*this)(AddConstraint{a.table, with_name(a.constraint, a.to)});
    }

    [[nodiscard]] std::vector<Check>& list_of(const Check& /*kind*/) const { return table.checks; }

    [[nodiscard]] std::vector<ForeignKey>& list_of(const ForeignKey& /*kind*/) const
    {
        return table.foreign_keys;
    }

    template <class Kind> void add(const Kind& constraint) const
    {
        auto& list = list_of(constraint);
        const auto place = std::find_if(list.begin(), list.end(), [&](const Kind& each) {
            return each.name > constraint.name;
        });
        list.insert(place, constraint);
    }

    /// SQLite: what has no name is told by all else.
    static bool is_like(const Check& a, const Check& b) { return a.expression == b.expression; }

    static bool is_like(const ForeignKey& a, const ForeignKey& b)
    {
        return a.columns == b.columns && a.referenced == b.referenced;
    }

    template <class Kind> void drop(const Kind& constraint) const
    {
        auto& list = list_of(constraint);
        const auto found = std::find_if(list.begin(), list.end(), [&](const Kind& each) {
            return each.name == constraint.name &&
                   (!each.name.empty() || is_like(each, constraint));
        });
        if (found == list.end()) {
            misfit(table, "constraint", constraint.name);
        }
        list.erase(found);
    }

    void operator()(const AdoptConstraint& a) const
    {
        (*this)(RenameConstraint{a.table, a.constraint, a.to});
    }

    void operator()(const MovePrimaryKey& a) const
    {
        (*this)(DropIndex{a.table, a.to});
        table.key_index = a.to;
        table.key_index.name = a.from.name;
        table.primary_key.clear();
        for (const IndexPart& part : a.to.parts) {
            table.primary_key.push_back(part.column);
        }
    }

    void operator()(const MoveSequence& a) const
    {
        std::vector<Sequence>& from = column_of(table, a.from)->sequences;
        std::erase_if(from, [&](const Sequence& each) { return each.name == a.sequence.name; });
        column_of(table, a.to)->sequences.push_back(a.sequence);
        column_of(table, a.to)->sequences.back().type = a.type;
    }

    void operator()(const MoveUnique& a) const
    {
        *index_of(table, a.from.name) = a.to;
        sort_indexes(table);
    }

    void operator()(const SetIdentity& a) const { *column_of(table, a.from.name) = a.to; }

    // What stands beside the table: a sequence, a type.
    void operator()(const KeepNumbers&) const {}

    void operator()(const ForgetNumbers&) const {}

    void operator()(const CreateEnum&) const {}

    void operator()(const DropEnum&) const {}

    void operator()(const RenameEnum& a) const
    {
        for (Column& column : table.columns) {
            column.type.sql = column.type.sql == a.from.sql ? a.to.sql : column.type.sql;
        }
    }

    // Triggers do not change how an alteration is rendered.
    void operator()(const CreateSync&) const {}

    void operator()(const DropSync&) const {}

    void operator()(const ReplaceSync&) const {}

    void operator()(const CreateTable& a) const { table = a.definition; }

    void operator()(const DropTable&) const {}

    /// Those to itself follow.
    void operator()(const RenameTable& a) const
    {
        for (ForeignKey& key : table.foreign_keys) {
            key.name = key_name_after(key, a.table, a.to, dialect);
        }
        for (auto* keys : {&table.foreign_keys, &table.referenced_by}) {
            for (ForeignKey& key : *keys) {
                key.referenced = key.referenced == a.table ? a.to : key.referenced;
            }
        }
        table.name = a.to;
    }

    void operator()(const CreateAlias&) const {}

    void operator()(const DropAlias&) const {}

    void operator()(const CreateTableSync&) const {}

    void operator()(const DropTableSync&) const {}

    void operator()(const ReplaceTableSync&) const {}

    void operator()(const CreateLinkSync&) const {}

    void operator()(const DropLinkSync&) const {}

    void operator()(const ReplaceLinkSync&) const {}
};

} // namespace

Table altered(Table table, const Alteration& alteration, const Dialect& dialect)
{
    std::visit(Alter{table, dialect}, alteration);
    return table;
}

Table altered(Table table, const std::vector<Alteration>& group, const Dialect& dialect)
{
    for (const Alteration& alteration : group) {
        table = altered(std::move(table), alteration, dialect);
    }
    return table;
}

} // namespace sluice
