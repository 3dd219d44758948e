#include "sluice/throttle/sources.h"

#include "sluice/core/error.h"
#include "sluice/core/secrets.h"
#include "sluice/db/server_signals.h"
#include "sluice/throttle/outside_signals.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <optional>
#include <utility>

namespace sluice {

namespace {

/// A signal that needs no more than a function.
class SimpleSignal final : public Signal {
public:
    explicit SimpleSignal(std::function<Reading()> read) : read_(std::move(read)) {}

    [[nodiscard]] Reading read(const std::stop_token& /*stop*/) override { return read_(); }

private:
    std::function<Reading()> read_;
};

std::unique_ptr<Signal> simple(std::function<Reading()> read)
{
    return std::make_unique<SimpleSignal>(std::move(read));
}

Reading read_server(MonitorConnection& server, std::string_view name, const TableName& table)
{
    ServerReading found =
        server.with([&](Session& session) { return read_server_signal(session, name, table); });
    return {.value = found.value, .text = std::move(found.text)};
}

/// The server counts the nanoseconds in which it was paused: how large a share of the time between
/// two readings that was.
std::function<Reading()> paused_share(const SignalSources& sources)
{
    struct Before {
        double paused = 0;
        SteadyTime at{};
    };

    const auto before = std::make_shared<std::optional<Before>>();
    return [sources, before] {
        const double paused = read_server(sources.primary, "flow_control", {}).value;
        const SteadyTime now = sources.clock.steady_now();
        const Before last = before->value_or(Before{paused, now});
        *before = Before{paused, now};
        const double passed = std::chrono::duration<double, std::nano>(now - last.at).count();
        const double share = passed > 0 ? (paused - last.paused) / passed : 0;
        return Reading{.value = std::clamp(share, 0.0, 1.0), .text = ""};
    };
}

std::unique_ptr<Signal> make_signal(const std::string& name, const MonitorSubject& subject,
                                    const SignalSources& sources)
{
    if (name == "batch_p99") {
        return simple([sources] { return sources.batches.p99(sources.clock.steady_now()); });
    }
    if (name == "busy_rate") {
        return simple([sources] { return sources.batches.busy_rate(sources.clock.steady_now()); });
    }
    if (name == "replica_lag") {
        return simple([sources] { return sources.replicas.lag(); });
    }
    if (name == "replica_lag_bytes") {
        return simple([sources] { return sources.replicas.bytes(); });
    }
    if (name == "flow_control") {
        return simple(paused_share(sources));
    }
    return simple([sources, name, table = subject.table] {
        return read_server(sources.primary, name, table);
    });
}

Reading read_number(Session& session, const std::string& sql)
{
    const Rows rows = session.query(sql);
    if (rows.size() != 1 || rows[0].size() != 1) {
        throw Error(ErrorKind::sql, fmt::format("expected one number, found {} rows of {} columns",
                                                rows.size(), rows.columns.size()));
    }
    const std::string text = rows[0][0].value_or("NULL");
    double value = 0;
    const char* end = text.data() + text.size();
    if (const auto result = std::from_chars(text.data(), end, value);
        result.ec != std::errc{} || result.ptr != end) {
        throw Error(ErrorKind::sql, fmt::format("expected one number, found \"{}\"", text));
    }
    return {.value = value, .text = ""};
}

std::unique_ptr<Signal> make_query(const NumberQuery& query, const SignalSources& sources)
{
    return simple([sources, sql = query.sql] {
        return sources.primary.with([&](Session& session) { return read_number(session, sql); });
    });
}

std::unique_ptr<Signal> make_trusted_command(const std::string& command,
                                             const MonitorSubject& subject, Clock& clock)
{
    const auto& trusted = subject.trusted_commands;
    if (std::find(trusted.begin(), trusted.end(), command) != trusted.end()) {
        return make_command(command, clock);
    }
    return simple([]() -> Reading {
        throw Error(ErrorKind::refused, "it is in the run's rules, and not in the sluice.toml of "
                                        "this machine: nothing is run that only the database says");
    });
}

SignalRule flag_rule(std::string_view kind, const std::string& what)
{
    return {.name = fmt::format("{} {}", kind, without_passwords(what)), .unit = Unit::flag};
}

} // namespace

std::vector<WatchedSignal> make_signals(const Rules& rules, const MonitorSubject& subject,
                                        const SignalSources& sources)
{
    std::vector<WatchedSignal> signals;
    for (const auto& [name, limits] : rules.limits) {
        const SignalKind& kind = signal_kind(name);
        signals.push_back({{.name = name, .unit = kind.unit, .side = kind.side, .limits = limits},
                           make_signal(name, subject, sources)});
    }
    for (const NumberQuery& query : rules.queries) {
        signals.push_back(
            {{.name = "query " + query.name, .limits = query.limits}, make_query(query, sources)});
    }
    for (const std::string& command : rules.commands) {
        signals.push_back(
            {flag_rule("command", command), make_trusted_command(command, subject, sources.clock)});
    }
    for (const std::string& url : rules.probes) {
        signals.push_back({flag_rule("probe", url), make_probe(url, sources.clock)});
    }
    for (const std::string& path : rules.flag_files) {
        signals.push_back({flag_rule("flag file", path), make_flag_file(path)});
    }
    if (rules.window) {
        signals.push_back({flag_rule("window", text_of(*rules.window)),
                           make_window(*rules.window, sources.clock, sources.primary)});
    }
    return signals;
}

} // namespace sluice
