#include "sluice/db/alteration.h"

#include <utility>

namespace sluice {

namespace {

struct Inverse {
    Alteration operator()(const AddColumn& a) const { return DropColumn{a.table, a.column}; }

    Alteration operator()(const DropColumn& a) const { return AddColumn{a.table, a.column}; }

    Alteration operator()(const RenameColumn& a) const
    {
        return RenameColumn{a.table, a.to, a.from};
    }

    Alteration operator()(const SetDefault& a) const
    {
        SetDefault back{a.table, a.column, a.to, a.from};
        back.column.default_sql = a.to;
        return back;
    }

    Alteration operator()(const SetComment& a) const
    {
        SetComment back = a;
        std::swap(back.column.comment, back.to);
        return back;
    }

    Alteration operator()(const SetNullability& a) const
    {
        SetNullability back = a;
        back.column.nullable = a.to == Nullability::nullable;
        back.to = back.column.nullable ? Nullability::not_null : Nullability::nullable;
        return back;
    }

    Alteration operator()(const CreateIndex& a) const { return DropIndex{a.table, a.index}; }

    Alteration operator()(const DropIndex& a) const { return CreateIndex{a.table, a.index}; }

    Alteration operator()(const RenameIndex& a) const
    {
        return RenameIndex{a.table, a.to, a.from, a.is_constraint};
    }

    Alteration operator()(const AddConstraint& a) const
    {
        return DropConstraint{a.table, a.constraint};
    }

    Alteration operator()(const DropConstraint& a) const
    {
        return AddConstraint{a.table, a.constraint};
    }

    Alteration operator()(const RenameConstraint& a) const
    {
        return RenameConstraint{a.table, with_name(a.constraint, a.to), name_of(a.constraint)};
    }

    Alteration operator()(const AdoptConstraint& a) const
    {
        return DropConstraint{a.table, with_name(a.constraint, a.to)};
    }

    Alteration operator()(const MovePrimaryKey& a) const
    {
        MovePrimaryKey back = a;
        std::swap(back.from, back.to);
        std::swap(back.from.name, back.to.name);
        back.to.name = a.kept;
        back.kept = a.to.name;
        return back;
    }

    Alteration operator()(const MoveSequence& a) const
    {
        MoveSequence back = a;
        std::swap(back.from, back.to);
        std::swap(back.sequence.type, back.type);
        return back;
    }

    Alteration operator()(const MoveUnique& a) const { return MoveUnique{a.table, a.to, a.from}; }

    Alteration operator()(const SetIdentity& a) const
    {
        return SetIdentity{a.table, a.to, a.from, a.kept};
    }

    Alteration operator()(const KeepNumbers& a) const
    {
        return ForgetNumbers{a.table, a.column, a.kept};
    }

    Alteration operator()(const ForgetNumbers& a) const
    {
        return KeepNumbers{a.table, a.column, a.kept};
    }

    Alteration operator()(const CreateEnum& a) const
    {
        return DropEnum{a.table, a.type, a.rights_of};
    }

    Alteration operator()(const DropEnum& a) const
    {
        return CreateEnum{a.table, a.type, a.rights_of};
    }

    Alteration operator()(const RenameEnum& a) const { return RenameEnum{a.table, a.to, a.from}; }

    Alteration operator()(const CreateSync& a) const { return DropSync{a.sync}; }

    Alteration operator()(const DropSync& a) const { return CreateSync{a.sync}; }

    Alteration operator()(const ReplaceSync& a) const { return ReplaceSync{a.to, a.from}; }

    Alteration operator()(const CreateTable& a) const { return DropTable{a.definition}; }

    Alteration operator()(const DropTable& a) const { return CreateTable{a.definition, {}}; }

    Alteration operator()(const RenameTable& a) const { return RenameTable{a.to, a.table}; }

    Alteration operator()(const CreateAlias& a) const { return DropAlias{a.alias}; }

    Alteration operator()(const DropAlias& a) const { return CreateAlias{a.alias}; }

    Alteration operator()(const CreateTableSync& a) const { return DropTableSync{a.sync}; }

    Alteration operator()(const DropTableSync& a) const { return CreateTableSync{a.sync}; }

    Alteration operator()(const ReplaceTableSync& a) const
    {
        return ReplaceTableSync{a.to, a.from};
    }

    Alteration operator()(const CreateLinkSync& a) const { return DropLinkSync{a.sync}; }

    Alteration operator()(const DropLinkSync& a) const { return CreateLinkSync{a.sync}; }

    Alteration operator()(const ReplaceLinkSync& a) const { return ReplaceLinkSync{a.to, a.from}; }
};

} // namespace

const std::string& name_of(const Constraint& constraint)
{
    return std::visit([](const auto& each) -> const std::string& { return each.name; }, constraint);
}

Constraint with_name(Constraint constraint, const std::string& name)
{
    std::visit([&name](auto& each) { each.name = name; }, constraint);
    return constraint;
}

Alteration invert(const Alteration& alteration)
{
    return std::visit(Inverse{}, alteration);
}

std::vector<Alteration> invert(const std::vector<Alteration>& group)
{
    std::vector<Alteration> inverted;
    for (auto alteration = group.rbegin(); alteration != group.rend(); ++alteration) {
        inverted.push_back(invert(*alteration));
    }
    return inverted;
}

} // namespace sluice
