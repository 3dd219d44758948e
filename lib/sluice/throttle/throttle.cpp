#include "sluice/throttle/throttle.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace sluice {

namespace {

constexpr double calm_share = 0.8;

bool is_beyond(Side side, double value, double limit)
{
    // Written so that "nan" is beyond every limit.
    return side == Side::above ? !(value <= limit) : !(value >= limit);
}

/// Where a reading must be to count as well away from the limit.
double calm_limit(const SignalRule& rule)
{
    return rule.side == Side::above ? rule.limits.hold * calm_share : rule.limits.hold / calm_share;
}

std::string reading_text(const SignalRule& rule, const Reading& reading)
{
    if (rule.unit == Unit::flag) {
        return reading.text;
    }
    return readable_quantity(rule.unit, reading.value) +
           (reading.text.empty() ? "" : " (" + reading.text + ")");
}

std::string sentence(const SignalRule& rule, SignalState state, const std::string& reading)
{
    const std::string beyond = rule.side == Side::above ? "over" : "under";
    const std::string limit = readable_quantity(rule.unit, rule.limits.hold);
    if (rule.unit == Unit::flag) {
        return state == SignalState::calming
                   ? fmt::format("{} {}, for less than {}", rule.name, reading, Throttle::calm_time)
                   : rule.name + " " + reading;
    }
    if (state == SignalState::critical) {
        return fmt::format("{} {} {} the critical {}", rule.name, reading, beyond,
                           readable_quantity(rule.unit, *rule.limits.critical));
    }
    if (state == SignalState::calming) {
        return fmt::format("{} {}, was {} {} and must stay {} {} for {}", rule.name, reading,
                           beyond, limit, rule.side == Side::above ? "under" : "over",
                           readable_quantity(rule.unit, calm_limit(rule)), Throttle::calm_time);
    }
    return state == SignalState::fine
               ? fmt::format("{} {}", rule.name, reading)
               : fmt::format("{} {} {} {}", rule.name, reading, beyond, limit);
}

} // namespace

Throttle::Throttle(const std::vector<SignalRule>& rules)
{
    for (const SignalRule& rule : rules) {
        watched_.push_back({.rule = rule});
    }
}

void Throttle::note(std::size_t n, Reading reading, Moment now)
{
    Watched& watched = watched_.at(n);
    const Limits& limits = watched.rule.limits;
    const Side side = watched.rule.side;
    const double value = reading.value;
    watched.reading = std::move(reading);
    watched.failure.clear();
    watched.read_at = now.steady;
    const bool is_critical = limits.critical && is_beyond(side, value, *limits.critical);
    watched.critical_readings = is_critical ? watched.critical_readings + 1 : 0;
    if (is_beyond(side, value, limits.hold)) {
        watched.since = watched.holds ? watched.since : now.wall;
        watched.holds = true;
        watched.calm_since.reset();
        return;
    }
    if (is_beyond(side, value, calm_limit(watched.rule))) {
        watched.calm_since.reset();
        return;
    }
    watched.calm_since = watched.calm_since.value_or(now.steady);
    watched.holds = watched.holds && now.steady - *watched.calm_since < calm_time;
}

void Throttle::note_failure(std::size_t n, std::string why, Moment now)
{
    Watched& watched = watched_.at(n);
    watched.failure = why.empty() ? "no reason is known" : std::move(why);
    watched.read_at = now.steady;
    watched.since = watched.holds ? watched.since : now.wall;
    watched.holds = true;
    watched.calm_since.reset();
    watched.critical_readings = 0;
}

SignalState Throttle::state_of(const Watched& watched, Moment now)
{
    if (!watched.read_at) {
        return SignalState::unread;
    }
    if (now.steady - *watched.read_at > stale_after) {
        return SignalState::stale;
    }
    if (!watched.failure.empty()) {
        return SignalState::unreadable;
    }
    if (!watched.holds) {
        return SignalState::fine;
    }
    if (watched.critical_readings > 1) {
        return SignalState::critical;
    }
    const SignalRule& rule = watched.rule;
    return is_beyond(rule.side, watched.reading->value, rule.limits.hold) ? SignalState::over
                                                                          : SignalState::calming;
}

SignalStatus Throttle::status_of(const Watched& watched, Moment now)
{
    const SignalRule& rule = watched.rule;
    SignalStatus status{.signal = rule.name, .state = state_of(watched, now)};
    status.since = watched.since;
    if (rule.unit != Unit::flag) {
        status.limit = readable_quantity(rule.unit, rule.limits.hold);
    }
    if (rule.limits.critical) {
        status.critical = readable_quantity(rule.unit, *rule.limits.critical);
    }
    if (status.state == SignalState::unread) {
        status.text = rule.name + " is not read yet";
        status.since = now.wall;
    } else if (status.state == SignalState::stale) {
        const auto age =
            std::chrono::duration_cast<std::chrono::seconds>(now.steady - *watched.read_at);
        status.text = fmt::format("{} was last read {} ago", rule.name, age);
        status.since = now.wall - age + stale_after;
    } else if (status.state == SignalState::unreadable) {
        status.text = rule.name + " cannot be read: " + watched.failure;
    } else {
        status.reading = reading_text(rule, *watched.reading);
        status.text = sentence(rule, status.state, status.reading);
    }
    return status;
}

Decision Throttle::decide(Moment now) const
{
    Decision decision;
    for (const Watched& watched : watched_) {
        decision.signals.push_back(status_of(watched, now));
        const SignalStatus& status = decision.signals.back();
        decision.holds = decision.holds || status.holds();
        decision.is_critical = decision.is_critical || status.state == SignalState::critical;
    }
    return decision;
}

std::vector<SignalStatus> Decision::reasons() const
{
    std::vector<SignalStatus> found;
    std::copy_if(signals.begin(), signals.end(), std::back_inserter(found),
                 [](const SignalStatus& status) { return status.holds(); });
    return found;
}

} // namespace sluice
