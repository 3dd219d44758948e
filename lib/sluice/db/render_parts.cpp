#include "sluice/db/render_parts.h"

#include "sluice/core/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <utility>

namespace sluice {

namespace {

/// FNV-1a: stable over platforms and releases, which names in a database must be.
std::string short_digest(std::string_view text)
{
    std::uint32_t digest = 2166136261U;
    for (const char c : text) {
        digest = (digest ^ static_cast<unsigned char>(c)) * 16777619U;
    }
    char hex[9];
    std::snprintf(hex, sizeof hex, "%08x", digest);
    return hex;
}

} // namespace

const TableName& table_of(const Alteration& alteration)
{
    return std::visit(
        Overloaded{[](const CreateSync& a) -> const TableName& { return a.sync.table; },
                   [](const DropSync& a) -> const TableName& { return a.sync.table; },
                   [](const ReplaceSync& a) -> const TableName& { return a.to.table; },
                   [](const CreateTable& a) -> const TableName& { return a.definition.name; },
                   [](const DropTable& a) -> const TableName& { return a.definition.name; },
                   [](const CreateAlias& a) -> const TableName& { return a.alias.table; },
                   [](const DropAlias& a) -> const TableName& { return a.alias.table; },
                   [](const CreateTableSync& a) -> const TableName& { return a.sync.to.name; },
                   [](const DropTableSync& a) -> const TableName& { return a.sync.to.name; },
                   [](const ReplaceTableSync& a) -> const TableName& { return a.to.to.name; },
                   [](const CreateLinkSync& a) -> const TableName& { return a.sync.to.name; },
                   [](const DropLinkSync& a) -> const TableName& { return a.sync.to.name; },
                   [](const ReplaceLinkSync& a) -> const TableName& { return a.to.to.name; },
                   [](const auto& a) -> const TableName& { return a.table; }},
        alteration);
}

bool is_about_tables(const std::vector<Alteration>& group)
{
    return has<CreateTable>(group) || has<DropTable>(group) || has<RenameTable>(group) ||
           has<CreateAlias>(group) || has<DropAlias>(group) || has<CreateTableSync>(group) ||
           has<DropTableSync>(group) || has<ReplaceTableSync>(group);
}

Divided divided(const std::vector<Alteration>& group)
{
    Divided parts;
    for (const Alteration& alteration : group) {
        const bool adds = std::holds_alternative<AddConstraint>(alteration);
        (adds ? parts.constraints : parts.tables).push_back(alteration);
    }
    return parts;
}

std::vector<TableName> linked_tables(const Alteration& alteration)
{
    if (const auto* create = std::get_if<CreateLinkSync>(&alteration)) {
        return {create->sync.to.name, create->sync.from.name};
    }
    if (const auto* drop = std::get_if<DropLinkSync>(&alteration)) {
        return {drop->sync.to.name, drop->sync.from.name};
    }
    if (const auto* replace = std::get_if<ReplaceLinkSync>(&alteration)) {
        return {replace->to.to.name, replace->from.from.name, replace->to.from.name};
    }
    return {};
}

std::vector<TableName> tables_in(const std::vector<Alteration>& group)
{
    std::vector<TableName> names;
    const auto add = [&names](const TableName& name) {
        if (std::find(names.begin(), names.end(), name) == names.end()) {
            names.push_back(name);
        }
    };
    for (const Alteration& alteration : group) {
        add(table_of(alteration));
        if (const auto* rename = std::get_if<RenameTable>(&alteration)) {
            add(rename->to);
        } else if (const auto* create = std::get_if<CreateAlias>(&alteration)) {
            add(create->alias.name);
        } else if (const auto* drop = std::get_if<DropAlias>(&alteration)) {
            add(drop->alias.name);
        } else if (const auto* made = std::get_if<CreateTableSync>(&alteration)) {
            add(made->sync.from.name);
        } else if (const auto* gone = std::get_if<DropTableSync>(&alteration)) {
            add(gone->sync.from.name);
        } else if (const auto* replaced = std::get_if<ReplaceTableSync>(&alteration)) {
            add(replaced->from.from.name);
            add(replaced->to.from.name);
        }
        for (const TableName& linked : linked_tables(alteration)) {
            add(linked);
        }
    }
    for (const TableName& referenced : referred_to(group)) {
        add(referenced);
    }
    return names;
}

std::vector<TableName> referred_to(const std::vector<Alteration>& group)
{
    std::vector<TableName> names;
    for (const Alteration& alteration : group) {
        const auto* create = std::get_if<CreateTable>(&alteration);
        const auto* drop = std::get_if<DropTable>(&alteration);
        if (create == nullptr && drop == nullptr) {
            continue;
        }
        const Table& table = create != nullptr ? create->definition : drop->definition;
        for (const ForeignKey& key : table.foreign_keys) {
            if (key.referenced != table.name &&
                std::find(names.begin(), names.end(), key.referenced) == names.end()) {
                names.push_back(key.referenced);
            }
        }
    }
    return names;
}

void refuse_index(const Index& index, std::string_view what, std::string_view engine,
                  std::string hint)
{
    throw Error(ErrorKind::refused,
                fmt::format("index \"{}\" {}, which {} does not know", index.name, what, engine),
                {.hint = std::move(hint)});
}

std::string reserved_name(std::string_view prefix, std::string_view name, std::size_t longest)
{
    std::string whole = std::string(prefix) + std::string(name);
    if (whole.size() <= longest) {
        return whole;
    }
    const std::string digest = "_" + short_digest(whole);
    std::size_t length = longest - digest.size();
    while (length > 0 && (static_cast<unsigned char>(whole[length]) & 0xC0U) == 0x80U) {
        --length; // never through the middle of a UTF-8 character
    }
    return whole.substr(0, length) + digest;
}

std::vector<Step> steps_of(const std::vector<std::string>& statements)
{
    std::vector<Step> steps;
    for (const std::string& statement : statements) {
        steps.push_back({statement, "", false});
    }
    return steps;
}

std::vector<Step> repeatable_steps(const std::vector<std::string>& statements)
{
    std::vector<Step> steps;
    for (const std::string& statement : statements) {
        steps.push_back({statement, "", true});
    }
    return steps;
}

Rendered for_way_back(Rendered rendered)
{
    rendered.summary = "the way back: " + rendered.summary;
    rendered.serves_way_back = true;
    return rendered;
}

Rendered turned_round(Rendered rendered)
{
    std::swap(rendered.steps, rendered.undo);
    rendered.lock.clear();
    return for_way_back(std::move(rendered));
}

} // namespace sluice
