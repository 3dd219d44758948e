#include "config.h"
#include "sluice/core/error.h"
#include "sluice/core/secrets.h"

#include <fmt/format.h>

#include <cstdlib>
#include <vector>

namespace sluice {

namespace {

std::string from_environment(const char* name)
{
    const char* value = std::getenv(name);
    return value != nullptr ? value : "";
}

std::string beside(const std::string& folder, const std::string& path)
{
    return path.empty() || path.front() == '/' ? path : folder + path;
}

Url url_from(const std::string& text, const std::string& where)
{
    try {
        return parse_url(text);
    } catch (const Error& error) {
        throw Error(ErrorKind::usage,
                    fmt::format("{}: {}", where, without_passwords(error.message)), error.details);
    }
}

std::string names_of(const Config& config)
{
    std::vector<std::string> names;
    for (const auto& [name, environment] : config.environments) {
        names.push_back(name);
    }
    return fmt::format("{}", fmt::join(names, ", "));
}

/// The environment that was asked for, or the only one; empty: none.
std::string choose_environment(const Config& config, const std::string& wanted)
{
    if (wanted.empty()) {
        return config.environments.size() == 1 ? config.environments.begin()->first : "";
    }
    if (config.environments.count(wanted) != 0) {
        return wanted;
    }
    if (config.file.empty()) {
        throw Error(ErrorKind::usage,
                    fmt::format("environment \"{}\" is asked for, and there is no sluice.toml here",
                                wanted),
                    {.hint = "Name the file with --config FILE, or the database with --url."});
    }
    throw Error(ErrorKind::usage, fmt::format("{} has no environment \"{}\"", config.file, wanted),
                {.hint = fmt::format("Its environments are {}.", names_of(config))});
}

Url url_of(const Config& config, const std::string& name)
{
    const std::string who = fmt::format("[env.{}] of {}", name, config.file);
    const std::string& source = config.environments.at(name).url;
    if (source.empty()) {
        throw Error(ErrorKind::usage, fmt::format("{} has no url", who),
                    {.hint = "Add url = \"sqlite:dev.db\", or give --url."});
    }
    const std::string text = read_secret(source, config.folder, who);
    Url url = url_from(text, who);
    // Only a URL that stands in the file itself is relative to it.
    if (url.engine == Engine::sqlite && text == source) {
        url.path = beside(config.folder, url.path);
    }
    return url;
}

/// The variable that says where the database is; empty: none. An environment that the shell names
/// goes before DATABASE_URL, which belongs to the application and may mean another database.
std::string variable_with_url()
{
    if (!from_environment("SLUICE_URL").empty()) {
        return "SLUICE_URL";
    }
    const bool is_free = from_environment("SLUICE_ENV").empty();
    return is_free && !from_environment("DATABASE_URL").empty() ? "DATABASE_URL" : "";
}

} // namespace

Settings resolve(const Config& config, const Wanted& wanted)
{
    Settings settings;
    settings.migrations =
        !wanted.migrations.empty() ? wanted.migrations : beside(config.folder, config.migrations);
    const bool is_named = !wanted.environment.empty();
    settings.environment =
        choose_environment(config, is_named ? wanted.environment : from_environment("SLUICE_ENV"));
    if (!settings.environment.empty()) {
        settings.pace = config.environments.at(settings.environment).pace;
        settings.throttle = config.environments.at(settings.environment).throttle;
        settings.single_writer = config.environments.at(settings.environment).single_writer;
        settings.lock_timeout = config.environments.at(settings.environment).lock_timeout;
    }
    if (!wanted.url.empty()) {
        settings.url = url_from(wanted.url, "--url");
        return settings;
    }
    if (const std::string variable = is_named ? "" : variable_with_url(); !variable.empty()) {
        settings.url = url_from(from_environment(variable.c_str()), variable);
        return settings;
    }
    if (!settings.environment.empty()) {
        settings.url = url_of(config, settings.environment);
    } else if (config.environments.empty()) {
        settings.missing = "Give --url sqlite:PATH, postgresql://… or mysql://…, set SLUICE_URL, "
                           "or write a sluice.toml with [env.dev] url = \"…\".";
    } else {
        settings.missing = fmt::format("Say which with --env: {}.", names_of(config));
    }
    return settings;
}

} // namespace sluice
