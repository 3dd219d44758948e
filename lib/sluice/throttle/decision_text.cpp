#include "sluice/throttle/throttle.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <utility>

namespace sluice {

namespace {

constexpr std::array<std::pair<SignalState, std::string_view>, 7> state_names{
    {{SignalState::fine, "fine"},
     {SignalState::over, "over"},
     {SignalState::critical, "critical"},
     {SignalState::calming, "calming"},
     {SignalState::unreadable, "unreadable"},
     {SignalState::stale, "stale"},
     {SignalState::unread, "unread"}}};

/// What a server or a command says may be long, and must fit into a line of a table.
std::string bounded(const std::string& text)
{
    constexpr std::size_t longest = 300;
    if (text.size() <= longest) {
        return text;
    }
    std::size_t end = longest;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
        --end; // not in the middle of a character of several bytes
    }
    return text.substr(0, end) + "…";
}

std::string utc(WallTime time, fmt::string_view format)
{
    return fmt::format(fmt::runtime(format),
                       fmt::gmtime(std::chrono::system_clock::to_time_t(time)));
}

} // namespace

std::string_view name_of(SignalState state)
{
    return state_names.at(static_cast<std::size_t>(state)).second;
}

std::string reasons_text(const Decision& decision)
{
    std::string text;
    for (const SignalStatus& reason : decision.reasons()) {
        text += text.empty() ? "" : "; ";
        text += bounded(reason.text);
        if (reason.state != SignalState::unread) {
            text += " since " + utc(reason.since, "{:%H:%M:%S}");
        }
    }
    return text;
}

std::string decision_json(const Decision& decision)
{
    using Json = nlohmann::ordered_json;
    Json signals = Json::array();
    for (const SignalStatus& status : decision.signals) {
        Json one{{"signal", bounded(status.signal)},   {"state", name_of(status.state)},
                 {"reading", bounded(status.reading)}, {"limit", status.limit},
                 {"critical", status.critical},        {"text", bounded(status.text)}};
        if (status.holds()) {
            one["since"] = utc(status.since, "{:%Y-%m-%dT%H:%M:%SZ}");
        }
        signals.push_back(std::move(one));
    }
    const Json json{{"holds", decision.holds},
                    {"critical", decision.is_critical},
                    {"signals", std::move(signals)}};
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

} // namespace sluice
