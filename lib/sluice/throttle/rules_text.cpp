#include "sluice/throttle/rules_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace sluice {

namespace {

void add_list(std::vector<std::string>& parts, std::string_view key,
              const std::vector<std::string>& list)
{
    for (const std::string& item : list) {
        parts.push_back(fmt::format("{}={}", key, item));
    }
}

void add_critical(std::vector<std::string>& parts, std::string_view key, Unit unit,
                  const Limits& limits)
{
    if (limits.critical) {
        parts.push_back(
            fmt::format("{}.critical={}", key, readable_quantity(unit, *limits.critical)));
    }
}

} // namespace

std::string text_of(const Rules& rules)
{
    std::vector<std::string> parts;
    for (const auto& [name, limits] : rules.limits) {
        const Unit unit = signal_kind(name).unit;
        parts.push_back(fmt::format("{}={}", name, readable_quantity(unit, limits.hold)));
        add_critical(parts, name, unit, limits);
    }
    const Rules people = shown(rules);
    add_list(parts, "replicas", people.replicas);
    for (const NumberQuery& query : rules.queries) {
        const std::string key = fmt::format("queries \"{}\"", query.name);
        parts.push_back(
            fmt::format("{}={}", key, readable_quantity(Unit::count, query.limits.hold)));
        add_critical(parts, key, Unit::count, query.limits);
    }
    add_list(parts, "commands", people.commands);
    add_list(parts, "probes", people.probes);
    add_list(parts, "flag_files", people.flag_files);
    if (rules.window) {
        parts.push_back("window=" + text_of(*rules.window));
    }
    if (rules.vacuum == Vacuum::run) {
        parts.push_back("vacuum=run");
    }
    return fmt::format("{}", fmt::join(parts, ", "));
}

} // namespace sluice
