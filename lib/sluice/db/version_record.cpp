#include "sluice/db/version_record.h"

#include "sluice/db/tokens.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <utility>

namespace sluice {

namespace {

using Json = nlohmann::json;

using Tokens = std::vector<Token>;

/// "users.user_name AS name", "users.id", "id"; nothing where it is more than a column.
std::optional<ShownColumn> column_in(const Tokens& item)
{
    ShownColumn column;
    bool is_named = false;
    for (const Token& token : item) {
        if (token.is("AS")) {
            is_named = true;
        } else if (token.is_name()) {
            (is_named ? column.name : column.held_by) = token.text;
        } else if (!token.is_symbol('.')) {
            return std::nullopt;
        }
    }
    if (!is_named) {
        column.name = column.held_by;
    }
    return column;
}

std::vector<std::string> strings_in(const Json& list)
{
    return list.is_array() ? list.get<std::vector<std::string>>() : std::vector<std::string>{};
}

} // namespace

std::string version_record(const VersionSchema& version)
{
    Json record{{"version", version.version}, {"of", version.of}};
    if (!version.hidden.empty()) {
        record["hidden"] = version.hidden;
    }
    for (const ShownTable& table : version.tables) {
        if (!table.hidden.empty()) {
            record["columns"][table.name] = table.hidden;
        }
    }
    return std::string(version_record_mark) + record.dump();
}

std::optional<VersionSchema> read_version_record(std::string_view name, std::string_view record)
{
    if (record.substr(0, version_record_mark.size()) != version_record_mark) {
        return std::nullopt;
    }
    const Json json = Json::parse(record.substr(version_record_mark.size()), nullptr, false);
    if (!json.is_object() || !json.contains("version") || !json.contains("of")) {
        return std::nullopt;
    }
    VersionSchema version{.name = std::string(name),
                          .version = json.at("version").get<std::string>(),
                          .of = json.at("of").get<std::string>(),
                          .hidden = strings_in(json.value("hidden", Json()))};
    const Json hidden = json.value("columns", Json::object());
    for (const auto& each : hidden.items()) {
        version.tables.push_back({.name = each.key(), .hidden = strings_in(each.value())});
    }
    return version;
}

void add_shown(VersionSchema& version, const std::string& view, const TableName& table,
               const std::vector<ShownColumn>& columns)
{
    auto found = std::find_if(version.tables.begin(), version.tables.end(),
                              [&view](const ShownTable& each) { return each.name == view; });
    if (found == version.tables.end()) {
        found = version.tables.insert(found, ShownTable{.name = view});
    }
    found->table = table;
    found->columns = columns;
}

std::vector<ShownColumn> shown_columns(std::string_view definition, Engine engine)
{
    std::vector<ShownColumn> columns;
    Tokens item;
    for (const Token& token : tokenize(definition, engine)) {
        const bool ends = token.is("FROM") || token.is_symbol(',');
        if (!ends) {
            item.push_back(token);
            continue;
        }
        if (!item.empty() && item.front().is("SELECT")) {
            item.erase(item.begin());
        }
        if (const auto column = column_in(item); column && !column->name.empty()) {
            columns.push_back(*column);
        }
        item.clear();
        if (token.is("FROM")) {
            break;
        }
    }
    return columns;
}

std::string shown_table(std::string_view definition, Engine engine)
{
    std::string name;
    for (const Token& token : tokenize(definition, engine)) {
        if (token.is_name()) {
            name = token.text;
        }
    }
    return name;
}

void finish_versions(std::vector<VersionSchema>& versions)
{
    for (VersionSchema& version : versions) {
        std::erase_if(version.tables, [](const ShownTable& each) { return each.columns.empty(); });
        std::sort(version.tables.begin(), version.tables.end(),
                  [](const ShownTable& a, const ShownTable& b) { return a.name < b.name; });
    }
    // Digits before digits: the longer number is the greater one.
    const auto key = [](const VersionSchema& each) {
        const std::size_t zeros =
            std::min(each.version.find_first_not_of('0'), each.version.size());
        return std::pair(each.version.size() - zeros, each.version.substr(zeros) + each.name);
    };
    std::sort(versions.begin(), versions.end(),
              [&](const VersionSchema& a, const VersionSchema& b) { return key(a) < key(b); });
}

} // namespace sluice
