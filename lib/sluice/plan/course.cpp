#include "sluice/plan/course.h"

#include "sluice/plan/names.h"
#include "sluice/plan/simulate.h"

#include <algorithm>
#include <utility>

namespace sluice {
namespace {

Followed begun(Table table)
{
    Followed followed{.after_expand = table, .after_contract = std::move(table)};
    for (const Column& column : followed.after_expand.columns) {
        followed.names.emplace(column.name, column.name);
    }
    return followed;
}

void rename(std::map<std::string, std::string>& names, const RenameColumn& renaming)
{
    for (auto& name : names) {
        if (name.second == renaming.from) {
            name.second = renaming.to;
            return;
        }
    }
}

} // namespace

const Column* Followed::last(const std::string& column) const
{
    const auto name = names.find(column);
    const bool is_there = name != names.end() && !is_reserved(name->second);
    return is_there ? after_contract.find(name->second) : nullptr;
}

bool Followed::is_put_aside() const
{
    return is_gone || is_reserved(after_contract.name.name);
}

Course::Course(const std::vector<Outline>& outlines, const Catalog& catalog, const Dialect& dialect)
    : catalog_(catalog), dialect_(dialect)
{
    for (const Outline& outline : outlines) {
        follow(outline.expand);
    }
    std::erase_if(tables_, [](const Followed& each) { return each.is_gone; });
    for (Followed& followed : tables_) {
        followed = begun(followed.after_contract);
    }
    for (const auto stage : {&Outline::indexes, &Outline::validations, &Outline::contract}) {
        for (const Outline& outline : outlines) {
            follow(outline.*stage);
        }
    }
}

Followed Course::of(const Table& table) const
{
    const auto found = std::find_if(tables_.begin(), tables_.end(), [&table](const Followed& each) {
        return each.after_expand.name == table.name;
    });
    return found == tables_.end() ? begun(table) : *found;
}

void Course::follow(const std::vector<Group>& groups)
{
    for (const Group& group : groups) {
        for (const Alteration& alteration : group.alterations) {
            follow(alteration);
        }
        for (const TableAlterations& other : group.others) {
            for (const Alteration& alteration : other.alterations) {
                follow(alteration);
            }
        }
    }
}

void Course::follow(const Alteration& alteration)
{
    if (const auto* create = std::get_if<CreateTable>(&alteration)) {
        tables_.push_back(begun(create->definition));
        return;
    }
    Followed* followed = find(table_of(alteration));
    if (followed == nullptr) {
        return;
    }
    followed->after_contract = altered(std::move(followed->after_contract), alteration, dialect_);
    if (std::holds_alternative<DropTable>(alteration)) {
        followed->is_gone = true;
    } else if (const auto* renaming = std::get_if<RenameColumn>(&alteration)) {
        rename(followed->names, *renaming);
    }
}

/// By the name that it has by now.
Followed* Course::find(const TableName& name)
{
    const auto known = std::find_if(tables_.begin(), tables_.end(), [&](const Followed& each) {
        return !each.is_gone && each.after_contract.name == name;
    });
    if (known != tables_.end()) {
        return &*known;
    }
    const Table* table = catalog_.find(name);
    const bool had_the_name =
        std::any_of(tables_.begin(), tables_.end(), [&](const Followed& each) {
            return table != nullptr && each.after_expand.name == table->name;
        });
    if (table == nullptr || had_the_name) {
        return nullptr;
    }
    tables_.push_back(begun(*table));
    return &tables_.back();
}

} // namespace sluice
