// The part of Section that reads SQL texts: plain, by engine, in lists and as assignments.
#include "sluice/migration/section.h"

#include <fmt/core.h>

#include <utility>

namespace sluice {

namespace {

bool is_blank(std::string_view text)
{
    return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

const std::vector<std::string>& engine_keys()
{
    static const std::vector<std::string> keys{"postgresql", "mysql", "mariadb", "sqlite"};
    return keys;
}

} // namespace

EngineText Section::sql(std::string_view key) const
{
    return sql_text(key, require(key));
}

std::optional<EngineText> Section::find_sql(std::string_view key) const
{
    const toml::node* node = table_->get(key);
    return node == nullptr ? std::nullopt : std::optional(sql_text(key, *node));
}

std::vector<EngineText> Section::find_sql_list(std::string_view key) const
{
    const toml::node* node = table_->get(key);
    if (node == nullptr) {
        return {};
    }
    if (!node->is_array()) {
        fail_type(*node, key, "a list of SQL texts",
                  fmt::format("Write {} = [\"SELECT …\"].", key));
    }
    std::vector<EngineText> texts;
    for (const toml::node& item : *node->as_array()) {
        texts.push_back(sql_text(key, item));
    }
    return texts;
}

std::vector<std::pair<std::string, EngineText>>
Section::find_assignments(std::string_view key) const
{
    const toml::node* node = table_->get(key);
    if (node == nullptr) {
        return {};
    }
    const std::string help = fmt::format("Write {} = {{ column = \"SQL expression\" }}.", key);
    if (!node->is_table()) {
        fail_type(*node, key, "a table of columns", help);
    }
    const Section columns(*node->as_table(), *file_, fmt::format("\"{}\"", key));
    std::vector<std::pair<std::string, EngineText>> assignments;
    for (const std::string& column : columns.keys()) {
        if (column.empty() || column.find('\0') != std::string::npos) {
            columns.fail_at(column, fmt::format("a column in \"{}\" has no usable name", key),
                            help);
        }
        assignments.emplace_back(column, columns.sql(column));
    }
    if (assignments.empty()) {
        fail_at(key, fmt::format("\"{}\" is empty", key), help);
    }
    return assignments;
}

EngineText Section::sql_text(std::string_view key, const toml::node& node) const
{
    const auto checked = [&](const toml::node& value, std::string_view what) {
        std::string found = text(what, value);
        if (is_blank(found)) {
            fail_definition(location_of(value), fmt::format("\"{}\" is empty", what),
                            "Write the SQL text, or leave the key out.");
        }
        return found;
    };
    if (!node.is_table()) {
        if (!node.is_string()) {
            fail_type(node, key, "SQL text, or a table of SQL text by engine",
                      fmt::format("Write {} = \"…\" or {} = {{ postgresql = \"…\", mysql = \"…\", "
                                  "sqlite = \"…\" }}.",
                                  key, key));
        }
        return {.all = checked(node, key), .by_engine = {}};
    }
    const Section engines(*node.as_table(), *file_, fmt::format("\"{}\"", key));
    engines.accept_only(engine_keys(), fmt::format("\"{}\" as a table", key));
    EngineText by_engine;
    for (const std::string& engine : engines.keys()) {
        by_engine.by_engine[engine] =
            checked(engines.require(engine), fmt::format("{}.{}", key, engine));
    }
    if (by_engine.by_engine.empty()) {
        fail_at(key, fmt::format("\"{}\" is an empty table", key),
                fmt::format("it takes {}", listed(engine_keys())));
    }
    return by_engine;
}

} // namespace sluice
