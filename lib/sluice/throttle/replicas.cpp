#include "sluice/throttle/replicas.h"

#include "sluice/core/error.h"
#include "sluice/core/secrets.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace sluice {

namespace {

bool is_indirect(const std::string& source)
{
    return source.rfind("env:", 0) == 0 || source.rfind("file:", 0) == 0;
}

/// Read anew for each connection: a secret may be changed while a run works.
Session open_replica(const std::string& source, SessionOptions options)
{
    const Url url = parse_url(read_secret(source, "", "a replica"));
    return Session(url, std::move(options));
}

[[noreturn]] void fail_replica(const std::string& name, const Error& error)
{
    throw Error(error.kind, fmt::format("replica {}: {}", name, without_passwords(error.message)),
                {.cause = error.details.cause});
}

} // namespace

std::string replica_name(const std::string& source)
{
    if (is_indirect(source)) {
        return source;
    }
    const Url url = parse_url(source);
    if (url.host.empty()) {
        return url.socket;
    }
    return url.port == 0 ? url.host : fmt::format("{}:{}", url.host, url.port);
}

void LagHistory::add(double position, SteadyTime now)
{
    // An hour of samples, and one older than that, so that "an hour or more" is still known.
    constexpr std::chrono::hours longest{1};
    samples_.push_back({position, now});
    while (samples_.size() > 2 && now - samples_[1].at > longest) {
        samples_.pop_front();
    }
}

double LagHistory::lag(double applied, std::optional<double> reported) const
{
    if (samples_.empty() || applied >= samples_.back().position) {
        return 0;
    }
    const auto missing = std::find_if(samples_.begin(), samples_.end(), [&](const Sample& sample) {
        return sample.position > applied;
    });
    const double seen = std::chrono::duration<double>(samples_.back().at - missing->at).count();
    return missing == samples_.begin() ? std::max(seen, reported.value_or(0)) : seen;
}

Replicas::Replicas(MonitorConnection& primary, Clock& clock,
                   const std::vector<std::string>& sources)
    : primary_(primary), clock_(clock)
{
    for (const std::string& source : sources) {
        Connect connect = [source](SessionOptions options) {
            return open_replica(source, std::move(options));
        };
        sources_.push_back({.name = replica_name(source),
                            .connection = std::make_unique<MonitorConnection>(std::move(connect))});
    }
}

void Replicas::begin_round()
{
    for (Source& source : sources_) {
        source.connection->begin_round();
    }
}

/// The primary first: what it writes meanwhile is not missing anywhere.
PrimaryState Replicas::look()
{
    PrimaryState state = primary_.with([](Session& session) { return read_primary(session); });
    if (state.position) {
        history_.add(*state.position, clock_.steady_now());
    }
    if (sources_.empty()) {
        if (state.replicas.empty()) {
            throw Error(ErrorKind::sql, "no replica is connected to this server");
        }
        return state;
    }
    state.replicas.clear();
    for (Source& source : sources_) {
        try {
            state.replicas.push_back(source.connection->with(
                [&](Session& session) { return read_replica(session, state); }));
            state.replicas.back().name = source.name;
        } catch (const Error& error) {
            fail_replica(source.name, error);
        }
    }
    return state;
}

Reading Replicas::lag()
{
    const PrimaryState state = look();
    Reading worst;
    for (const ReplicaState& replica : state.replicas) {
        const double lag = replica.position ? history_.lag(*replica.position, replica.lag)
                                            : replica.lag.value_or(0);
        if (worst.text.empty() || lag > worst.value) {
            worst = {.value = lag, .text = replica.name};
        }
    }
    return worst;
}

Reading Replicas::bytes()
{
    const PrimaryState state = look();
    Reading worst;
    for (const ReplicaState& replica : state.replicas) {
        if (!state.position || !replica.position) {
            throw Error(ErrorKind::sql, "this server does not number the bytes of its log");
        }
        const double behind = std::max(*state.position - *replica.position, 0.0);
        if (worst.text.empty() || behind > worst.value) {
            worst = {.value = behind, .text = replica.name};
        }
    }
    return worst;
}

} // namespace sluice
