#include "sluice/core/error.h"
#include "sluice/throttle/rules.h"
#include "sluice/throttle/rules_reader.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace sluice {

namespace {

using Json = nlohmann::ordered_json;

using ListMember = std::vector<std::string> Rules::*;
constexpr std::array<std::pair<const char*, ListMember>, 4> lists{
    {{"replicas", &Rules::replicas},
     {"commands", &Rules::commands},
     {"probes", &Rules::probes},
     {"flag_files", &Rules::flag_files}}};

Json json_of(const Limits& limits, Side side)
{
    Json json;
    json[std::string(limit_name(side))] = limits.hold;
    if (limits.critical) {
        json["critical"] = *limits.critical;
    }
    return json;
}

Limits limits_from(const Json& json, Side side)
{
    Limits limits{.hold = json.at(std::string(limit_name(side))).get<double>(),
                  .critical = std::nullopt};
    if (json.contains("critical")) {
        limits.critical = json.at("critical").get<double>();
    }
    return limits;
}

[[noreturn]] void refuse_rules(const std::string& why)
{
    throw Error(ErrorKind::refused, "the run's throttle rules cannot be obeyed: " + why,
                {.hint = "They may be from a newer version of sluice: `sluice --version`."});
}

void refuse_unknown(const Json& json, const std::vector<std::string>& known)
{
    for (const auto& entry : json.items()) {
        if (std::find(known.begin(), known.end(), entry.key()) == known.end()) {
            refuse_rules(fmt::format("\"{}\" is unknown", entry.key()));
        }
    }
}

NumberQuery query_from(const Json& json)
{
    refuse_unknown(json, {"name", "sql", "max", "critical"});
    return {.name = json.at("name").get<std::string>(),
            .sql = json.at("sql").get<std::string>(),
            .limits = limits_from(json, Side::above)};
}

Rules rules_from(const Json& json)
{
    refuse_unknown(json, {"limits", "replicas", "queries", "commands", "probes", "flag_files",
                          "window", "vacuum"});
    Rules rules;
    const Json limits = json.value("limits", Json::object());
    for (const auto& entry : limits.items()) {
        const SignalKind& kind = signal_kind(entry.key());
        refuse_unknown(entry.value(), {std::string(limit_name(kind.side)), "critical"});
        rules.limits[entry.key()] = limits_from(entry.value(), kind.side);
    }
    for (const auto& [name, member] : lists) {
        rules.*member = json.value(name, std::vector<std::string>{});
    }
    const Json queries = json.value("queries", Json::array());
    for (const Json& query : queries) {
        rules.queries.push_back(query_from(query));
    }
    if (json.contains("window")) {
        rules.window = parse_window(json.at("window").get<std::string>());
    }
    rules.vacuum = parse_vacuum(json.value("vacuum", "wait"));
    return rules;
}

} // namespace

std::string to_json(const Rules& rules)
{
    if (rules.empty()) {
        return {};
    }
    Json json = Json::object();
    for (const auto& [name, limits] : rules.limits) {
        json["limits"][name] = json_of(limits, signal_kind(name).side);
    }
    for (const auto& [name, member] : lists) {
        if (!(rules.*member).empty()) {
            json[name] = rules.*member;
        }
    }
    for (const NumberQuery& query : rules.queries) {
        Json one{{"name", query.name}, {"sql", query.sql}};
        one.update(json_of(query.limits, Side::above));
        json["queries"].push_back(std::move(one));
    }
    if (rules.window) {
        json["window"] = text_of(*rules.window);
    }
    if (rules.vacuum == Vacuum::run) {
        json["vacuum"] = "run";
    }
    return json.dump();
}

Rules rules_from_json(std::string_view json)
{
    if (json.empty()) {
        return {};
    }
    try {
        return rules_from(Json::parse(json));
    } catch (const Json::exception& error) {
        refuse_rules(error.what());
    } catch (const Error& error) {
        if (error.kind == ErrorKind::refused) {
            throw;
        }
        refuse_rules(error.message);
    }
}

} // namespace sluice
