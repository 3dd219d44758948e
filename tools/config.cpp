#include "config.h"

#include "sluice/core/error.h"
#include "sluice/migration/parts.h"
#include "sluice/migration/section.h"
#include "sluice/throttle/rules_reader.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace sluice {

namespace {

constexpr const char* default_migrations = "migrations";

Environment environment_from(const Section& section)
{
    section.accept_only({"url", "pace", "throttle", "single_writer", "lock_timeout"},
                        "an environment");
    Environment environment;
    environment.url = section.find_line("url").value_or("");
    environment.single_writer = section.find_flag("single_writer").value_or(false);
    environment.lock_timeout = section.find_duration("lock_timeout");
    if (const std::optional<Section> pace = section.find_section("pace")) {
        environment.pace = read_pace(*pace);
    }
    if (const std::optional<Section> throttle = section.find_section("throttle")) {
        environment.throttle = read_rules(*throttle);
    }
    return environment;
}

Config config_from(const toml::table& table, const std::string& path)
{
    const Section whole(table, path, "sluice.toml");
    whole.accept_only({"migrations", "env"}, "sluice.toml");
    Config config;
    config.file = path;
    const std::size_t slash = path.rfind('/');
    config.folder = slash == std::string::npos ? "" : path.substr(0, slash + 1);
    config.migrations = whole.find_line("migrations").value_or(default_migrations);
    if (const std::optional<Section> environments = whole.find_section("env")) {
        for (const std::string& name : environments->keys()) {
            config.environments[name] = environment_from(*environments->find_section(name));
        }
    }
    return config;
}

} // namespace

Config parse_config(const std::string& text, const std::string& path)
{
    try {
        return config_from(toml::parse(text, path), path);
    } catch (const toml::parse_error& error) {
        throw Error(ErrorKind::usage,
                    fmt::format("{}:{}:{}: {}", path, error.source().begin.line,
                                error.source().begin.column, error.description()));
    } catch (const Error& error) {
        throw Error(ErrorKind::usage, error.message, error.details);
    }
}

Config read_config(const std::string& path)
{
    std::ifstream in(path, std::ios::binary);
    if (!in || std::filesystem::is_directory(path)) {
        throw Error(ErrorKind::usage, fmt::format("\"{}\" cannot be read", path),
                    {.hint = "Name the file with --config FILE, or the database with --url."});
    }
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    return parse_config(text, path);
}

} // namespace sluice
