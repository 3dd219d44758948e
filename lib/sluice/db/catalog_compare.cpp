#include "sluice/db/catalog.h"
#include "sluice/db/catalog_json.h"

#include <nlohmann/json.hpp>

#include <array>
#include <cstdint>
#include <map>
#include <set>

namespace sluice {

namespace {

using Json = nlohmann::json;

struct List {
    const char* key;      ///< in the table's JSON
    const char* singular; ///< for people
};

constexpr std::array<List, 8> lists{{{"columns", "column"},
                                     {"indexes", "index"},
                                     {"checks", "check"},
                                     {"foreign keys", "foreign key"},
                                     {"referenced by", "reference from"},
                                     {"triggers", "trigger"},
                                     {"views", "view"},
                                     {"dependents", "dependent"}}};

std::string table_name_in(const Json& name)
{
    return display({name.value("schema", ""), name.value("name", "")});
}

/// What a member says, for people.
std::string shown(const Json& value)
{
    if (value.is_null()) {
        return "not set";
    }
    if (value.is_object() && value.contains("family")) {
        const bool has_sql = value.contains("sql");
        return has_sql ? value.at("sql").get<std::string>() : "untyped";
    }
    if (value.is_object() && value.contains("name")) {
        return "\"" + table_name_in(value) + "\"";
    }
    return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string join(const Json& names)
{
    std::string text;
    for (const Json& name : names) {
        text += (text.empty() ? "" : ", ") + name.get<std::string>();
    }
    return text;
}

/// By what a person knows the item. Only SQLite has nameless keys and checks.
std::string label(const List& list, const Json& item)
{
    std::string text = std::string(list.singular) + " ";
    const Json name = item.value("name", Json());
    if (std::string_view(list.key) == "referenced by") {
        text += "\"" + table_name_in(item.at("referenced")) + "\" ";
    }
    if (name.is_object()) {
        return text + "\"" + table_name_in(name) + "\"";
    }
    if (name.is_string()) {
        return text + "\"" + name.get<std::string>() + "\"";
    }
    const bool has_columns = item.contains("columns") && !item.contains("expression");
    return text + (has_columns ? "(" + join(item.at("columns")) + ")"
                               : item.value("expression", std::string()));
}

using Items = std::map<std::string, Json>;

Items items_of(const List& list, const Json& table)
{
    Items items;
    for (const Json& item : table.value(list.key, Json::array())) {
        const std::string name = label(list, item);
        std::string unique = name;
        for (int n = 2; items.count(unique) != 0; ++n) {
            unique = name + " (" + std::to_string(n) + ")";
        }
        items.emplace(unique, item);
    }
    return items;
}

/// "type is text, expected character varying(50); nullable is not set, expected true"
std::string changed_members(const Json& expected, const Json& found)
{
    std::set<std::string> names;
    for (const Json& object : {expected, found}) {
        for (const auto& member : object.items()) {
            names.insert(member.key());
        }
    }
    std::string text;
    for (const std::string& name : names) {
        Json was = expected.value(name, Json());
        Json is = found.value(name, Json());
        if (was == is) {
            continue;
        }
        if (was.is_boolean() || is.is_boolean()) { // false is left out
            was = was.is_boolean() && was.get<bool>();
            is = is.is_boolean() && is.get<bool>();
        }
        const bool says_more = shown(was) != shown(is);
        text += (text.empty() ? "" : "; ") + name + " is " + (says_more ? shown(is) : is.dump()) +
                ", expected " + (says_more ? shown(was) : was.dump());
    }
    return text;
}

std::vector<std::string> list_differences(const List& list, const Json& expected, const Json& found)
{
    std::vector<std::string> lines;
    const Items was = items_of(list, expected);
    const Items is = items_of(list, found);
    for (const auto& item : was) {
        const auto same = is.find(item.first);
        if (same == is.end()) {
            lines.push_back(item.first + " is missing");
        } else if (same->second != item.second) {
            lines.push_back(item.first + ": " + changed_members(item.second, same->second));
        }
    }
    for (const auto& item : is) {
        if (was.count(item.first) == 0) {
            lines.push_back(item.first + " is not expected");
        }
    }
    return lines;
}

std::vector<std::string> column_names(const Table& table)
{
    std::vector<std::string> names;
    for (const Column& column : table.columns) {
        names.push_back(column.name);
    }
    return names;
}

bool are_reordered(const Table& a, const Table& b)
{
    const std::vector<std::string> left = column_names(a);
    const std::vector<std::string> right = column_names(b);
    return left != right && std::multiset<std::string>(left.begin(), left.end()) ==
                                std::multiset<std::string>(right.begin(), right.end());
}

std::uint64_t fnv1a(std::string_view text, std::uint64_t hash)
{
    for (const char c : text) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    }
    return hash;
}

std::string hex(std::uint64_t number)
{
    std::string text(16, '0');
    for (std::size_t n = text.size(); n-- > 0; number >>= 4U) {
        text[n] = "0123456789abcdef"[number & 0xFU];
    }
    return text;
}

} // namespace

bool same_schema(const Table& a, const Table& b)
{
    return to_json(a) == to_json(b);
}

std::vector<std::string> differences(const Table& expected, const Table& found)
{
    Json was = Json::parse(to_json(expected));
    Json is = Json::parse(to_json(found));
    std::vector<std::string> lines;
    for (const List& list : lists) {
        const std::vector<std::string> changed = list_differences(list, was, is);
        lines.insert(lines.end(), changed.begin(), changed.end());
        was.erase(list.key);
        is.erase(list.key);
    }
    if (are_reordered(expected, found)) {
        lines.push_back("columns are in the order " + join(column_names(found)) + ", expected " +
                        join(column_names(expected)));
    }
    if (was != is) {
        lines.push_back("table: " + changed_members(was, is));
    }
    return lines;
}

std::string fingerprint(const Table& table)
{
    // Two chains of 64 bits that start apart: a digest against accidents, not against enemies.
    const std::string text = to_json(table);
    return hex(fnv1a(text, 0xcbf29ce484222325U)) + hex(fnv1a(text, 0x6c62272e07bb0142U));
}

} // namespace sluice
