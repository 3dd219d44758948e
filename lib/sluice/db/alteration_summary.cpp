#include "sluice/db/alteration_summary.h"

namespace sluice {

namespace {

std::string quoted(const std::string& name)
{
    return "\"" + name + "\"";
}

std::string of(const TableName& table)
{
    return " of " + quoted(display(table));
}

std::string described(const Column& column)
{
    return quoted(column.name) + " (" + column.type.sql +
           (column.nullable ? ", nullable" : ", not null") +
           (column.default_sql ? ", default " + *column.default_sql : "") + ")";
}

std::string columns_of(const Index& index)
{
    std::string parts;
    for (const IndexPart& part : index.parts) {
        parts += (parts.empty() ? "" : ", ") +
                 (part.column.empty() ? part.expression : quoted(part.column));
    }
    return parts;
}

const std::string& called(const Index& index)
{
    return index.known_as.empty() ? index.name : index.known_as;
}

std::string described(const Index& index)
{
    return std::string(index.unique ? "unique " : "") + "index " + quoted(called(index)) + " (" +
           columns_of(index) + ")";
}

std::string described(const Constraint& constraint)
{
    if (const auto* check = std::get_if<Check>(&constraint)) {
        return "check " + quoted(check->name) + " " + check->expression;
    }
    const auto& key = std::get<ForeignKey>(constraint);
    std::string columns;
    for (const std::string& column : key.columns) {
        columns += (columns.empty() ? "" : ", ") + quoted(column);
    }
    return "foreign key " + (key.name.empty() ? "" : quoted(key.name) + " ") + "(" + columns +
           ") to " + quoted(display(key.referenced));
}

std::string listed(const std::vector<std::string>& names)
{
    std::string list;
    for (const std::string& name : names) {
        list += (list.empty() ? "" : ", ") + quoted(name);
    }
    return list;
}

std::string listed(const std::vector<SyncedColumn>& columns)
{
    std::vector<std::string> names;
    for (const SyncedColumn& each : columns) {
        names.push_back(each.name);
    }
    return listed(names);
}

std::string described(const Sync& sync)
{
    const std::string table = of(sync.table);
    switch (sync.direction) {
    case SyncDirection::both:
        return "keep " + listed(sync.olds) + " and " + listed(sync.news) + table + " in step";
    case SyncDirection::forward:
        return "fill " + listed(sync.news) + table;
    case SyncDirection::reverse:
        return "fill " + listed(sync.olds) + " from " + listed(sync.news) + table;
    case SyncDirection::backward:
        return "fill " + listed(sync.olds) + table;
    }
    return {};
}

std::string described(const TableSync& sync)
{
    const std::string from = quoted(display(sync.from.name));
    const std::string to = quoted(display(sync.to.name));
    return sync.direction == TableSyncDirection::both
               ? "keep the rows of " + from + " and " + to + " in step"
               : "carry the rows of " + to + " to " + from;
}

std::string described(const LinkSync& sync)
{
    std::vector<std::string> olds;
    std::vector<std::string> news;
    for (const LinkedColumn& column : sync.columns) {
        olds.push_back(column.from.name);
        news.push_back(column.to.name);
    }
    const std::string from = listed(olds) + of(sync.from.name);
    const std::string to = listed(news) + of(sync.to.name);
    return sync.direction == LinkDirection::both ? "keep " + from + " and " + to + " in step"
                                                 : "fill " + from + " from " + to;
}

struct Summary {
    std::string operator()(const AddColumn& a) const
    {
        return "add column " + described(a.column) + " to " + quoted(display(a.table));
    }

    std::string operator()(const DropColumn& a) const
    {
        return "drop column " + quoted(a.column.name) + of(a.table);
    }

    std::string operator()(const RenameColumn& a) const
    {
        return "rename column " + quoted(a.from) + of(a.table) + " to " + quoted(a.to);
    }

    std::string operator()(const SetDefault& a) const
    {
        const std::string column = "default of column " + quoted(a.column.name) + of(a.table);
        return a.to ? "set the " + column + " to " + *a.to : "drop the " + column;
    }

    std::string operator()(const SetComment& a) const
    {
        return (a.to.empty() ? "drop" : "set") +
               (" the comment on column " + quoted(a.column.name)) + of(a.table);
    }

    std::string operator()(const SetNullability& a) const
    {
        return "make column " + quoted(a.column.name) + of(a.table) +
               (a.to == Nullability::nullable ? " nullable" : " not null");
    }

    std::string operator()(const CreateIndex& a) const
    {
        return "create " + described(a.index) + " on " + quoted(display(a.table));
    }

    std::string operator()(const DropIndex& a) const
    {
        return "drop index " + quoted(called(a.index)) + of(a.table);
    }

    std::string operator()(const RenameIndex& a) const
    {
        return "rename index " + quoted(a.from) + of(a.table) + " to " + quoted(a.to);
    }

    std::string operator()(const AddConstraint& a) const
    {
        return "add " + described(a.constraint) + " to " + quoted(display(a.table));
    }

    std::string operator()(const DropConstraint& a) const
    {
        const std::string& name = name_of(a.constraint);
        return "drop " + (name.empty() ? described(a.constraint) : "constraint " + quoted(name)) +
               of(a.table);
    }

    std::string operator()(const RenameConstraint& a) const
    {
        return "rename constraint " + quoted(name_of(a.constraint)) + of(a.table) + " to " +
               quoted(a.to);
    }

    std::string operator()(const AdoptConstraint& a) const
    {
        return (*this)(RenameConstraint{a.table, a.constraint, a.to});
    }

    std::string operator()(const MovePrimaryKey& a) const
    {
        return "make the primary key" + of(a.table) + " of " + described(a.to);
    }

    std::string operator()(const MoveSequence& a) const
    {
        return "let sequence " + quoted(display(a.sequence.name)) + " number column " +
               quoted(a.to) + of(a.table);
    }

    std::string operator()(const MoveUnique& a) const
    {
        return "move the UNIQUE" + of(a.table) + " from (" + columns_of(a.from) + ") to (" +
               columns_of(a.to) + ")";
    }

    std::string operator()(const SetIdentity& a) const
    {
        return "let column " + quoted(a.to.name) + of(a.table) +
               (a.to.is_identity ? " number itself"
                                 : (a.to.default_sql ? " be numbered by its default"
                                                     : " no longer number itself"));
    }

    std::string operator()(const KeepNumbers& a) const
    {
        return "keep the numbering of column " + quoted(a.column.name) + of(a.table) + " as " +
               quoted(display(a.kept));
    }

    std::string operator()(const ForgetNumbers& a) const
    {
        return "drop sequence " + quoted(display(a.kept));
    }

    std::string operator()(const CreateEnum& a) const
    {
        return "create type " + quoted(display(a.type.name));
    }

    std::string operator()(const DropEnum& a) const
    {
        return "drop type " + quoted(display(a.type.name));
    }

    std::string operator()(const RenameEnum& a) const
    {
        return "rename type " + quoted(display(a.from.name)) + " to " + quoted(display(a.to.name));
    }

    std::string operator()(const CreateSync& a) const
    {
        return "create triggers that " + described(a.sync);
    }

    std::string operator()(const DropSync& a) const
    {
        return "drop the triggers that " + described(a.sync);
    }

    std::string operator()(const ReplaceSync& a) const
    {
        return "replace the triggers by ones that " + described(a.to);
    }

    std::string operator()(const CreateTable& a) const
    {
        std::string columns;
        for (const Column& column : a.definition.columns) {
            columns += (columns.empty() ? "" : ", ") + quoted(column.name);
        }
        return "create table " + quoted(display(a.definition.name)) + " (" + columns + ")";
    }

    std::string operator()(const DropTable& a) const
    {
        return "drop table " + quoted(display(a.definition.name));
    }

    std::string operator()(const RenameTable& a) const
    {
        return "rename table " + quoted(display(a.table)) + " to " + quoted(display(a.to));
    }

    std::string operator()(const CreateAlias& a) const
    {
        return "create view " + quoted(display(a.alias.name)) + " of table " +
               quoted(display(a.alias.table));
    }

    std::string operator()(const DropAlias& a) const
    {
        return "drop view " + quoted(display(a.alias.name)) + " of table " +
               quoted(display(a.alias.table));
    }

    std::string operator()(const CreateTableSync& a) const
    {
        return "create triggers that " + described(a.sync);
    }

    std::string operator()(const DropTableSync& a) const
    {
        return "drop the triggers that " + described(a.sync);
    }

    std::string operator()(const ReplaceTableSync& a) const
    {
        return "replace the triggers by ones that " + described(a.to);
    }

    std::string operator()(const CreateLinkSync& a) const
    {
        return "create triggers that " + described(a.sync);
    }

    std::string operator()(const DropLinkSync& a) const
    {
        return "drop the triggers that " + described(a.sync);
    }

    std::string operator()(const ReplaceLinkSync& a) const
    {
        return "replace the triggers by ones that " + described(a.to);
    }
};

} // namespace

std::string summary_of(const Alteration& alteration)
{
    return std::visit(Summary{}, alteration);
}

std::string summary_of(const std::vector<Alteration>& alterations)
{
    std::string text;
    for (const Alteration& alteration : alterations) {
        text += (text.empty() ? "" : "; ") + summary_of(alteration);
    }
    return text;
}

} // namespace sluice
