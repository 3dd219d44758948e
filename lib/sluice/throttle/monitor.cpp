#include "sluice/throttle/monitor.h"

#include "sluice/core/error.h"
#include "sluice/core/secrets.h"
#include "sluice/throttle/sources.h"

#include <atomic>
#include <cstddef>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace sluice {

namespace {

std::vector<SignalRule> rules_of(const std::vector<WatchedSignal>& signals)
{
    std::vector<SignalRule> rules;
    for (const WatchedSignal& watched : signals) {
        rules.push_back(watched.rule);
    }
    return rules;
}

} // namespace

class Monitor::Watching {
public:
    Watching(Connect connect, Clock& clock, const Rules& rules, const MonitorSubject& subject)
        : clock_(clock)
        , interval_(subject.interval)
        , primary_(std::move(connect))
        , replicas_(primary_, clock, rules.replicas)
        , signals_(make_signals(rules, subject, {primary_, replicas_, batches_, clock}))
        , throttle_(rules_of(signals_))
        , thread_([this](const std::stop_token& stop) { watch(stop); })
    {
    }

    Watching(const Watching&) = delete;
    Watching& operator=(const Watching&) = delete;

    ~Watching()
    {
        thread_.request_stop();
        while (!has_ended_) { // a cancel that comes before its statement is lost
            if (is_reading_) {
                primary_.cancel();
            }
            clock_.sleep(Milliseconds{5}, {});
        }
    }

    [[nodiscard]] Decision decision() const
    {
        const std::scoped_lock lock(mutex_);
        return throttle_.decide(now());
    }

    void note_batch(Microseconds took) { batches_.note_batch(took, clock_.steady_now()); }

    void note_busy() { batches_.note_busy(clock_.steady_now()); }

private:
    [[nodiscard]] Moment now() const
    {
        return {.steady = clock_.steady_now(), .wall = clock_.wall_now()};
    }

    void watch(const std::stop_token& stop)
    {
        while (!stop.stop_requested()) {
            primary_.begin_round();
            replicas_.begin_round();
            for (std::size_t n = 0; n < signals_.size() && !stop.stop_requested(); ++n) {
                sample(n, stop);
            }
            clock_.sleep(interval_, stop);
        }
        has_ended_ = true;
    }

    void sample(std::size_t n, const std::stop_token& stop)
    {
        is_reading_ = true;
        std::optional<Reading> reading;
        std::string failure;
        try {
            reading = signals_[n].signal->read(stop);
        } catch (const Error& error) {
            failure = without_passwords(error.message);
        } catch (const std::exception& error) {
            failure = without_passwords(error.what());
        }
        is_reading_ = false;
        const std::scoped_lock lock(mutex_);
        if (reading) {
            throttle_.note(n, std::move(*reading), now());
        } else {
            throttle_.note_failure(n, std::move(failure), now());
        }
    }

    Clock& clock_;
    Milliseconds interval_;
    MonitorConnection primary_;
    Replicas replicas_;
    OwnBatches batches_;
    std::vector<WatchedSignal> signals_;
    mutable std::mutex mutex_; ///< of throttle_
    Throttle throttle_;
    std::atomic<bool> is_reading_{false};
    std::atomic<bool> has_ended_{false};
    std::jthread thread_; ///< last: it uses all that is above
};

Monitor::Monitor(Connect connect, Clock& clock, const Rules& rules, const MonitorSubject& subject)
{
    if (!rules.empty()) {
        watching_ = std::make_unique<Watching>(std::move(connect), clock, rules, subject);
    }
}

Monitor::~Monitor() = default;

Decision Monitor::decision() const
{
    return watching_ ? watching_->decision() : Decision{};
}

void Monitor::note_batch(Microseconds took)
{
    if (watching_) {
        watching_->note_batch(took);
    }
}

void Monitor::note_busy()
{
    if (watching_) {
        watching_->note_busy();
    }
}

} // namespace sluice
