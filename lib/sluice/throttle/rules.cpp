#include "sluice/throttle/rules.h"

#include "sluice/core/error.h"
#include "sluice/core/nearest.h"
#include "sluice/core/secrets.h"
#include "sluice/throttle/probe_url.h"
#include "sluice/throttle/rules_reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace sluice {

namespace {

constexpr std::array<std::pair<Zone, std::string_view>, 3> zone_names{
    {{Zone::utc, "utc"}, {Zone::local, "local"}, {Zone::server, "server"}}};

constexpr std::array<std::string_view, 7> other_rules{
    {"replicas", "queries", "commands", "probes", "flag_files", "window", "vacuum"}};

[[noreturn]] void refuse_window(std::string_view text)
{
    throw Error(
        ErrorKind::usage,
        fmt::format("expected a daily window such as \"22:00-06:00 utc\", found \"{}\"", text),
        {.hint = "The zone is utc, local (of the machine that works) or server (of the "
                 "database)."});
}

std::optional<int> two_digits(std::string_view text)
{
    int value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool is_number = failure == std::errc{} && end == text.data() + text.size();
    return text.size() == 2 && is_number ? std::optional(value) : std::nullopt;
}

/// "22:00"; the end of a day may be written 24:00, which is its beginning.
std::optional<std::chrono::minutes> time_of_day(std::string_view text)
{
    constexpr int day = 24 * 60;
    if (text.size() != 5 || text[2] != ':') {
        return std::nullopt;
    }
    const std::optional<int> hours = two_digits(text.substr(0, 2));
    const std::optional<int> minutes = two_digits(text.substr(3));
    if (!hours || !minutes || *minutes < 0 || *minutes > 59 || *hours < 0) {
        return std::nullopt;
    }
    const int time = *hours * 60 + *minutes;
    return time <= day ? std::optional(std::chrono::minutes(time % day)) : std::nullopt;
}

std::string zone_name(Zone zone)
{
    return std::string(zone_names.at(static_cast<std::size_t>(zone)).second);
}

std::vector<std::string>* find_list(Rules& rules, std::string_view key)
{
    if (key == "replicas") {
        return &rules.replicas;
    }
    if (key == "commands") {
        return &rules.commands;
    }
    if (key == "probes") {
        return &rules.probes;
    }
    return key == "flag_files" ? &rules.flag_files : nullptr;
}

void check_item(std::string_view key, const std::string& value)
{
    if (key == "replicas") {
        check_replica(value);
    } else if (key == "probes") {
        check_probe(value);
    } else if (key == "commands") {
        check_command(value);
    } else {
        check_flag_file(value);
    }
}

void change_list(std::vector<std::string>& list, std::string_view key, std::string_view value)
{
    if (value == "off") {
        list.clear();
        return;
    }
    const std::string item(value);
    check_item(key, item);
    if (std::find(list.begin(), list.end(), item) == list.end()) {
        list.push_back(item);
    }
}

[[noreturn]] void refuse_part(std::string_view key, const SignalKind& kind)
{
    throw Error(ErrorKind::usage, fmt::format("unknown limit \"{}\"", key),
                {.hint = fmt::format("\"{}\" has {} and critical: write {}=VALUE or "
                                     "{}.critical=VALUE.",
                                     kind.name, limit_name(kind.side), kind.name, kind.name)});
}

void change_limits(Rules& rules, std::string_view key, std::string_view value)
{
    const std::size_t dot = key.find('.');
    const SignalKind& kind = signal_kind(key.substr(0, dot));
    const std::string name(kind.name);
    const std::string_view part =
        dot == std::string_view::npos ? limit_name(kind.side) : key.substr(dot + 1);
    if (part == "critical") {
        const auto found = rules.limits.find(name);
        if (found == rules.limits.end()) {
            throw Error(ErrorKind::usage, fmt::format("\"{}\" has no limit yet", name),
                        {.hint = fmt::format("Set {}=VALUE first.", name)});
        }
        found->second.critical =
            value == "off" ? std::nullopt : std::optional(parse_quantity(kind.unit, value));
    } else if (part != limit_name(kind.side)) {
        refuse_part(key, kind);
    } else if (value == "off") {
        rules.limits.erase(name);
    } else {
        rules.limits[name].hold = parse_quantity(kind.unit, value);
    }
    if (const auto found = rules.limits.find(name); found != rules.limits.end()) {
        check_limits(kind, found->second);
    }
}

} // namespace

const std::vector<SignalKind>& signal_kinds()
{
    static const std::vector<SignalKind> kinds{
        {"active_sessions", Unit::count, Side::above},
        {"autovacuum", Unit::flag, Side::above},
        {"batch_p99", Unit::duration, Side::above},
        {"busy_rate", Unit::share, Side::above},
        {"dead_share", Unit::share, Side::above},
        {"dead_tuples", Unit::count, Side::above},
        {"flow_control", Unit::share, Side::above},
        {"free_disk", Unit::bytes, Side::below},
        {"history_list_length", Unit::count, Side::above},
        {"lock_waiters", Unit::count, Side::above},
        {"lock_waits", Unit::count, Side::above},
        {"oldest_transaction", Unit::duration, Side::above},
        {"replica_lag", Unit::duration, Side::above},
        {"replica_lag_bytes", Unit::bytes, Side::above},
        {"slot_retention", Unit::bytes, Side::above},
        {"threads_running", Unit::count, Side::above},
        {"wal_archive_backlog", Unit::count, Side::above},
        {"wal_size", Unit::bytes, Side::above},
    };
    return kinds;
}

const SignalKind& signal_kind(std::string_view name)
{
    std::vector<std::string> names(other_rules.begin(), other_rules.end());
    for (const SignalKind& kind : signal_kinds()) {
        if (kind.name == name) {
            return kind;
        }
        names.emplace_back(kind.name);
    }
    const std::optional<std::string> meant = nearest(name, names);
    throw Error(ErrorKind::usage, fmt::format("unknown throttle rule \"{}\"", name),
                {.hint = fmt::format("{}Known are {}.",
                                     meant ? fmt::format("Did you mean \"{}\"? ", *meant) : "",
                                     fmt::join(names, ", "))});
}

std::string_view limit_name(Side side)
{
    return side == Side::above ? "max" : "min";
}

void check_limits(const SignalKind& kind, const Limits& limits)
{
    if (!limits.critical) {
        return;
    }
    const bool is_beyond =
        kind.side == Side::above ? *limits.critical < limits.hold : *limits.critical > limits.hold;
    if (is_beyond) {
        throw Error(ErrorKind::usage,
                    fmt::format("critical is {}, {} {}, which is {}",
                                readable_quantity(kind.unit, *limits.critical),
                                kind.side == Side::above ? "below" : "above", limit_name(kind.side),
                                readable_quantity(kind.unit, limits.hold)));
    }
}

void check_replica(const std::string& source)
{
    constexpr std::string_view file = "file:";
    if (source.rfind(file, 0) == 0 && source.compare(file.size(), 1, "/") != 0) {
        throw Error(
            ErrorKind::usage, fmt::format("\"{}\" is not an absolute path", source),
            {.hint = "Every worker reads it, wherever it runs: write file:/run/secrets/…."});
    }
    if (source.rfind(file, 0) != 0 && source.rfind("env:", 0) != 0) {
        static_cast<void>(parse_url(source));
    }
}

void check_probe(const std::string& url)
{
    static_cast<void>(parse_probe_url(url));
}

void check_flag_file(const std::string& path)
{
    if (path.empty() || path.front() != '/') {
        throw Error(ErrorKind::usage, fmt::format("\"{}\" is not an absolute path", path),
                    {.hint = "Every worker looks for it, wherever it runs: write it from \"/\"."});
    }
}

void check_command(const std::string& command)
{
    if (command.find_first_not_of(" \t") == std::string::npos) {
        throw Error(ErrorKind::usage, "a command is empty");
    }
}

DailyWindow parse_window(std::string_view text)
{
    constexpr std::size_t length = 11; // of 22:00-06:00
    if (text.size() < length + 2 || text[5] != '-' || text[length] != ' ') {
        refuse_window(text);
    }
    const auto from = time_of_day(text.substr(0, 5));
    const auto to = time_of_day(text.substr(6, 5));
    const auto* zone = std::find_if(
        zone_names.begin(), zone_names.end(),
        [name = text.substr(length + 1)](const auto& known) { return known.second == name; });
    if (!from || !to || *from == *to || zone == zone_names.end()) {
        refuse_window(text);
    }
    return {.from = *from, .to = *to, .zone = zone->first};
}

Vacuum parse_vacuum(std::string_view text)
{
    if (text != "wait" && text != "run") {
        throw Error(ErrorKind::usage,
                    fmt::format("expected \"wait\" or \"run\", found \"{}\"", text),
                    {.hint = "wait: for the server's own vacuum; run: sluice vacuums the table."});
    }
    return text == "run" ? Vacuum::run : Vacuum::wait;
}

std::string text_of(const DailyWindow& window)
{
    const auto from = window.from.count();
    const auto to = window.to.count();
    return fmt::format("{:02}:{:02}-{:02}:{:02} {}", from / 60, from % 60, to / 60, to % 60,
                       zone_name(window.zone));
}

Rules with_rule(Rules rules, std::string_view key, std::string_view value)
{
    if (std::vector<std::string>* list = find_list(rules, key)) {
        change_list(*list, key, value);
    } else if (key == "window") {
        rules.window = value == "off" ? std::nullopt : std::optional(parse_window(value));
    } else if (key == "vacuum") {
        rules.vacuum = value == "off" ? Vacuum::wait : parse_vacuum(value);
    } else if (key == "queries") {
        if (value != "off") {
            throw Error(ErrorKind::usage, "a query has a name, a text and a limit",
                        {.hint = "Write it in sluice.toml; here, queries=off takes them away."});
        }
        rules.queries.clear();
    } else {
        change_limits(rules, key, value);
    }
    return rules;
}

Rules shown(Rules rules)
{
    for (std::vector<std::string>* list : {&rules.replicas, &rules.commands, &rules.probes}) {
        for (std::string& item : *list) {
            item = without_passwords(item);
        }
    }
    return rules;
}

} // namespace sluice
