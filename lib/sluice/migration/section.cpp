#include "sluice/migration/section.h"

#include "sluice/core/error.h"
#include "sluice/core/nearest.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace sluice {

namespace {

Location place(const std::string& file, const toml::source_region& region)
{
    return {.file = file,
            .line = static_cast<int>(region.begin.line),
            .column = static_cast<int>(region.begin.column)};
}

std::string_view type_name(const toml::node& node)
{
    switch (node.type()) {
    case toml::node_type::none:
        return "nothing";
    case toml::node_type::table:
        return "a table";
    case toml::node_type::array:
        return "a list";
    case toml::node_type::string:
        return "a text";
    case toml::node_type::integer:
        return "an integer";
    case toml::node_type::floating_point:
        return "a number with a fraction";
    case toml::node_type::boolean:
        return node.value_or(false) ? "true" : "false";
    case toml::node_type::date:
    case toml::node_type::time:
    case toml::node_type::date_time:
        return "a date or time";
    }
    return "something else";
}

} // namespace

std::string listed(const std::vector<std::string>& names)
{
    if (names.size() < 2) {
        return names.empty() ? "" : names.front();
    }
    return fmt::format("{} and {}", fmt::join(names.begin(), names.end() - 1, ", "), names.back());
}

void fail_definition(const Location& location, const std::string& problem, std::string hint)
{
    Error::Details details;
    details.hint = std::move(hint);
    throw Error(ErrorKind::definition, fmt::format("{}: {}", location.display(), problem),
                std::move(details));
}

Section::Section(const toml::table& table, const std::string& file, std::string title)
    : table_(&table), file_(&file), title_(std::move(title))
{
}

void Section::accept_only(const std::vector<std::string>& known, const std::string& subject) const
{
    for (const std::string& key : keys()) {
        if (std::find(known.begin(), known.end(), key) != known.end()) {
            continue;
        }
        const std::optional<std::string> meant = nearest(key, known);
        const std::string help = meant ? fmt::format("Did you mean \"{}\"? ", *meant) : "";
        fail_at(key,
                title_.empty() ? fmt::format("unknown key \"{}\"", key)
                               : fmt::format("unknown key \"{}\" in {}", key, title_),
                fmt::format("{}{} takes {}.", help, subject, listed(known)));
    }
}

bool Section::has(std::string_view key) const
{
    return table_->contains(key);
}

bool Section::is_flag(std::string_view key) const
{
    const toml::node* node = table_->get(key);
    return node != nullptr && node->is_boolean();
}

std::vector<std::string> Section::keys() const
{
    std::vector<std::pair<toml::source_position, std::string>> found;
    for (auto&& [key, node] : *table_) {
        found.emplace_back(key.source().begin, std::string(key.str()));
    }
    std::sort(found.begin(), found.end());
    std::vector<std::string> names;
    names.reserve(found.size());
    for (auto& [position, key] : found) {
        names.push_back(std::move(key));
    }
    return names;
}

bool Section::is_table(std::string_view key) const
{
    const toml::node* node = table_->get(key);
    return node != nullptr && node->is_table();
}

std::string Section::name(std::string_view key) const
{
    std::string found = text(key, require(key));
    if (found.empty()) {
        fail_at(key, fmt::format("\"{}\" is empty", key), "Give it a name.");
    }
    return found;
}

TableName Section::table_name(std::string_view key) const
{
    static_cast<void>(require(key));
    return parsed_table_name(key);
}

std::optional<TableName> Section::find_table_name(std::string_view key) const
{
    return has(key) ? std::optional(parsed_table_name(key)) : std::nullopt;
}

TableName Section::parsed_table_name(std::string_view key) const
{
    const std::string written = name(key);
    try {
        return parse_table_name(written);
    } catch (const Error& error) {
        // Only here is it known where in the file the name stands.
        fail_at(key, error.message, error.details.hint);
    }
}

std::optional<std::string> Section::find_line(std::string_view key) const
{
    const toml::node* node = table_->get(key);
    if (node == nullptr) {
        return std::nullopt;
    }
    std::string found = text(key, *node);
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20; };
    if (std::any_of(found.begin(), found.end(), is_control)) {
        fail_at(key, fmt::format("\"{}\" is more than one line of text", key),
                "Write it as one line; what needs more belongs in a comment.");
    }
    return found;
}

std::optional<bool> Section::find_flag(std::string_view key) const
{
    const toml::node* node = table_->get(key);
    if (node == nullptr) {
        return std::nullopt;
    }
    if (!node->is_boolean()) {
        fail_type(*node, key, "true or false");
    }
    return node->value_or(false);
}

std::optional<std::int64_t> Section::find_count(std::string_view key) const
{
    const toml::node* node = table_->get(key);
    if (node == nullptr) {
        return std::nullopt;
    }
    if (!node->is_integer()) {
        fail_type(*node, key, "an integer");
    }
    const std::int64_t count = node->value_or(std::int64_t{0});
    if (count < 1) {
        fail_at(key, fmt::format("\"{}\" is {}, expected 1 or more", key, count), {});
    }
    return count;
}

std::optional<double> Section::find_share(std::string_view key) const
{
    const toml::node* node = table_->get(key);
    if (node == nullptr) {
        return std::nullopt;
    }
    if (!node->is_number()) {
        fail_type(*node, key, "a number above 0, at most 1");
    }
    const double share = node->value_or(0.0);
    if (!(share > 0 && share <= 1)) { // written so that "nan" is refused too
        fail_at(key, fmt::format("\"{}\" is {}, expected a number above 0, at most 1", key, share),
                {});
    }
    return share;
}

std::optional<std::chrono::milliseconds> Section::find_duration(std::string_view key) const
{
    const toml::node* node = table_->get(key);
    if (node == nullptr) {
        return std::nullopt;
    }
    if (!node->is_string()) {
        fail_type(
            *node, key, "a duration",
            "Write it with its unit, in quotes: \"10ms\", \"2s\", \"5m\", \"24h\" or \"7d\".");
    }
    try {
        return parse_duration(text(key, *node));
    } catch (const Error& error) {
        // Only here is it known where in the file the duration stands.
        fail_at(key, fmt::format("\"{}\": {}", key, error.message), {});
    }
}

std::optional<std::string> Section::find_scalar(std::string_view key) const
{
    const toml::node* node = table_->get(key);
    if (node == nullptr) {
        return std::nullopt;
    }
    if (node->is_string()) {
        return text(key, *node);
    }
    if (node->is_boolean()) {
        return node->value_or(false) ? "true" : "false";
    }
    if (node->is_integer()) {
        return std::to_string(node->value_or(std::int64_t{0}));
    }
    if (node->is_floating_point()) {
        return fmt::format("{}", node->value_or(0.0));
    }
    fail_type(*node, key, "a text, a number, true or false");
}

std::vector<std::string> Section::find_names(std::string_view key) const
{
    const toml::node* node = table_->get(key);
    if (node == nullptr) {
        return {};
    }
    const std::string help = fmt::format("Write {} = [\"a\", \"b\"].", key);
    if (!node->is_array()) {
        fail_type(*node, key, "a list of names", help);
    }
    std::vector<std::string> names;
    for (const toml::node& item : *node->as_array()) {
        std::string found = text(key, item);
        if (found.empty() || std::find(names.begin(), names.end(), found) != names.end()) {
            fail_definition(location_of(item),
                            found.empty() ? fmt::format("an empty name in \"{}\"", key)
                                          : fmt::format("\"{}\" twice in \"{}\"", found, key),
                            help);
        }
        names.push_back(std::move(found));
    }
    if (names.empty()) {
        fail_at(key, fmt::format("\"{}\" is an empty list", key), help);
    }
    return names;
}

std::optional<Section> Section::find_section(std::string_view key) const
{
    const toml::node* node = table_->get(key);
    if (node == nullptr) {
        return std::nullopt;
    }
    if (node->is_array()) {
        fail_at(key, fmt::format("[[{0}]] is a list where the table [{0}] belongs", key),
                fmt::format("Write [{}], once.", key));
    }
    if (!node->is_table()) {
        fail_type(*node, key, fmt::format("the table [{}]", key));
    }
    return Section(*node->as_table(), *file_, fmt::format("[{}]", key));
}

std::vector<Section> Section::sections(std::string_view key) const
{
    const toml::node* node = table_->get(key);
    if (node == nullptr) {
        return {};
    }
    if (node->is_table()) {
        fail_at(key, fmt::format("[{0}] is one table where the list [[{0}]] belongs", key),
                fmt::format("Write [[{}]], once for each.", key));
    }
    const std::string expected = fmt::format("the list [[{}]]", key);
    if (!node->is_array()) {
        fail_type(*node, key, expected);
    }
    std::vector<Section> found;
    for (const toml::node& item : *node->as_array()) {
        if (!item.is_table()) {
            fail_type(item, key, "a table");
        }
        found.emplace_back(*item.as_table(), *file_, fmt::format("[[{}]]", key));
    }
    return found;
}

Location Section::location() const
{
    return place(*file_, table_->source());
}

Location Section::location_of(std::string_view key) const
{
    for (auto&& [name, node] : *table_) {
        if (name.str() == key) {
            return place(*file_, name.source());
        }
    }
    return location();
}

Location Section::location_of(const toml::node& node) const
{
    return place(*file_, node.source());
}

void Section::fail(const std::string& problem, std::string hint) const
{
    fail_definition(location(), problem, std::move(hint));
}

void Section::fail_at(std::string_view key, const std::string& problem, std::string hint) const
{
    fail_definition(location_of(key), problem, std::move(hint));
}

const toml::node& Section::require(std::string_view key) const
{
    const toml::node* node = table_->get(key);
    if (node == nullptr) {
        fail(fmt::format("{} has no \"{}\"", title_, key), fmt::format("Add {} = ….", key));
    }
    return *node;
}

std::string Section::text(std::string_view key, const toml::node& node) const
{
    if (!node.is_string()) {
        fail_type(node, key, "a text");
    }
    std::string found = node.value_or(std::string());
    if (found.find('\0') != std::string::npos) {
        fail_definition(location_of(node), fmt::format("\"{}\" holds the character U+0000", key),
                        "No database takes it in a name or in SQL text: remove it.");
    }
    return found;
}

void Section::fail_type(const toml::node& node, std::string_view key, std::string_view expected,
                        std::string hint) const
{
    fail_definition(location_of(node),
                    fmt::format("\"{}\": expected {}, found {}", key, expected, type_name(node)),
                    std::move(hint));
}

} // namespace sluice
