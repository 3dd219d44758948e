#include "config.h"

#include "sluice/core/clock.h"
#include "sluice/core/error.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <fstream>
#include <sstream>

namespace sluice {

namespace {

struct Place {
    const std::string& file;
    toml::source_position at;
};

[[noreturn]] void fail(const Place& place, const std::string& message, std::string hint = {})
{
    throw Error(ErrorKind::usage,
                fmt::format("{}:{}:{}: {}", place.file, place.at.line, place.at.column, message),
                {.hint = std::move(hint)});
}

void check_keys(const toml::table& table, const std::string& file, const std::string& where,
                const std::vector<std::string>& known)
{
    for (const auto& [key, value] : table) {
        const std::string name(key.str());
        if (std::find(known.begin(), known.end(), name) != known.end()) {
            continue;
        }
        const auto meant = nearest(name, known);
        fail({file, key.source().begin}, fmt::format("unknown key \"{}\" in {}", name, where),
             meant.has_value() ? fmt::format("Did you mean \"{}\"?", *meant)
                               : fmt::format("Known keys: {}.", fmt::join(known, ", ")));
    }
}

const toml::table& as_table(const toml::node& node, const std::string& file,
                            const std::string& what)
{
    if (const toml::table* table = node.as_table()) {
        return *table;
    }
    fail({file, node.source().begin}, fmt::format("{} must be a table", what));
}

template <class T>
std::optional<T> optional_value(const toml::table& table, const std::string& file,
                                const std::string& key, const std::string& expected)
{
    const toml::node* node = table.get(key);
    if (node == nullptr) {
        return std::nullopt;
    }
    const auto value = node->value<T>();
    if (!value.has_value()) {
        fail({file, node->source().begin}, fmt::format("\"{}\" must be {}", key, expected));
    }
    return value;
}

std::optional<Milliseconds> optional_duration(const toml::table& table, const std::string& file,
                                              const std::string& key)
{
    const auto text = optional_value<std::string>(table, file, key, "a duration like \"50ms\"");
    if (!text.has_value()) {
        return std::nullopt;
    }
    try {
        return parse_duration(*text);
    } catch (const Error& error) {
        fail({file, table.get(key)->source().begin}, fmt::format("\"{}\": {}", key, error.message),
             error.details.hint);
    }
}

PaceSettings pace_from(const toml::table& table, const std::string& file, const std::string& where)
{
    check_keys(table, file, where,
               {"batch_rows", "batch_max", "batch_time", "duty", "sleep", "workers"});
    const auto number = [&](const std::string& key) {
        return optional_value<std::int64_t>(table, file, key, "a whole number");
    };
    PaceSettings pace;
    pace.batch_rows = number("batch_rows");
    pace.batch_max = number("batch_max");
    pace.batch_time = optional_duration(table, file, "batch_time");
    pace.duty = optional_value<double>(table, file, "duty", "a number between 0 and 1");
    pace.sleep = optional_duration(table, file, "sleep");
    if (const auto workers = number("workers")) {
        pace.workers = static_cast<int>(*workers);
    }
    return pace;
}

Environment environment_from(const toml::table& table, const std::string& file,
                             const std::string& where)
{
    check_keys(table, file, where, {"url", "pace"});
    Environment environment;
    environment.url = optional_value<std::string>(table, file, "url", "a text").value_or("");
    if (const toml::node* pace = table.get("pace")) {
        const std::string name = "[" + where + ".pace]";
        environment.pace = pace_from(as_table(*pace, file, name), file, name);
    }
    return environment;
}

} // namespace

Config parse_config(const std::string& text, const std::string& path)
{
    toml::table table;
    try {
        table = toml::parse(text, path);
    } catch (const toml::parse_error& error) {
        fail({path, error.source().begin}, std::string(error.description()));
    }
    check_keys(table, path, "the file", {"migrations", "env"});
    Config config;
    config.file = path;
    const std::size_t slash = path.rfind('/');
    config.folder = slash == std::string::npos ? "" : path.substr(0, slash + 1);
    config.migrations =
        optional_value<std::string>(table, path, "migrations", "a text").value_or("migrations");
    if (const toml::node* environments = table.get("env")) {
        for (const auto& [key, value] : as_table(*environments, path, "\"env\"")) {
            const std::string name(key.str());
            config.environments[name] =
                environment_from(as_table(value, path, "[env." + name + "]"), path, "env." + name);
        }
    }
    return config;
}

Config read_config(const std::string& path)
{
    std::ifstream in(path, std::ios::binary);
    if (!in) {
        throw Error(ErrorKind::usage, fmt::format("cannot read \"{}\"", path));
    }
    std::ostringstream text;
    text << in.rdbuf();
    return parse_config(text.str(), path);
}

} // namespace sluice
