#include "sluice/throttle/rules_reader.h"

#include "sluice/core/error.h"
#include "sluice/core/secrets.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace sluice {

namespace {

/// Only here is it known where in the file the value stands. A value may hold a password.
template <class Work>
auto at(const Section& section, std::string_view key, const Work& work) -> decltype(work())
{
    try {
        return work();
    } catch (const Error& error) {
        section.fail_at(key, fmt::format("\"{}\": {}", key, without_passwords(error.message)),
                        error.details.hint);
    }
}

double required(const Section& section, std::string_view key, Unit unit)
{
    const std::optional<std::string> text = section.find_scalar(key);
    if (!text) {
        section.fail(fmt::format("{} has no \"{}\"", section.title(), key),
                     fmt::format("Add {} = ….", key));
    }
    return at(section, key, [&] { return parse_quantity(unit, *text); });
}

Limits limits_in(const Section& section, const SignalKind& kind)
{
    Limits limits{.hold = required(section, limit_name(kind.side), kind.unit),
                  .critical = std::nullopt};
    if (section.has("critical")) {
        limits.critical = required(section, "critical", kind.unit);
        at(section, "critical", [&] { check_limits(kind, limits); });
    }
    return limits;
}

/// "5s", or { max = "5s", critical = "60s" }; nullopt where it is said to be off.
std::optional<Limits> read_limits(const Section& section, const SignalKind& kind)
{
    const std::string key(kind.name);
    if (section.is_flag(key) && !section.find_flag(key).value_or(false)) {
        return std::nullopt;
    }
    if (!section.is_table(key)) {
        return Limits{.hold = required(section, key, kind.unit), .critical = std::nullopt};
    }
    const Section table = *section.find_section(key);
    if (kind.unit == Unit::flag) {
        section.fail_at(key, fmt::format("\"{}\": expected true or false, found a table", key), {});
    }
    table.accept_only({std::string(limit_name(kind.side)), "critical"}, key);
    return limits_in(table, kind);
}

std::vector<std::string> read_list(const Section& section, std::string_view key,
                                   void (*check)(const std::string&))
{
    std::vector<std::string> found = at(section, key, [&] { return section.find_names(key); });
    for (const std::string& one : found) {
        at(section, key, [&] { check(one); });
    }
    return found;
}

NumberQuery read_query(const Section& section, const std::vector<NumberQuery>& before)
{
    section.accept_only({"name", "sql", "max", "critical"}, section.title());
    NumberQuery query{.name = section.name("name"),
                      .sql = section.name("sql"),
                      .limits = limits_in(section, {.name = "query", .unit = Unit::count})};
    const auto same = [&](const NumberQuery& other) { return other.name == query.name; };
    if (std::any_of(before.begin(), before.end(), same)) {
        section.fail_at("name", fmt::format("a second query is called \"{}\"", query.name),
                        "The name is what tells people which one makes a run wait.");
    }
    return query;
}

} // namespace

Rules read_rules(const Section& section)
{
    std::vector<std::string> known{"replicas",   "queries", "commands", "probes",
                                   "flag_files", "window",  "vacuum"};
    for (const SignalKind& kind : signal_kinds()) {
        known.emplace_back(kind.name);
    }
    section.accept_only(known, section.title());
    Rules rules;
    for (const SignalKind& kind : signal_kinds()) {
        if (!section.has(kind.name)) {
            continue;
        }
        if (const std::optional<Limits> limits = read_limits(section, kind)) {
            rules.limits[std::string(kind.name)] = *limits;
        }
    }
    rules.replicas = read_list(section, "replicas", check_replica);
    rules.commands = read_list(section, "commands", check_command);
    rules.probes = read_list(section, "probes", check_probe);
    rules.flag_files = read_list(section, "flag_files", check_flag_file);
    for (const Section& query : section.sections("queries")) {
        rules.queries.push_back(read_query(query, rules.queries));
    }
    if (const std::optional<std::string> window = section.find_line("window")) {
        rules.window = at(section, "window", [&] { return parse_window(*window); });
    }
    if (const std::optional<std::string> vacuum = section.find_line("vacuum")) {
        rules.vacuum = at(section, "vacuum", [&] { return parse_vacuum(*vacuum); });
    }
    return rules;
}

} // namespace sluice
