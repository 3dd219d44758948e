#pragma once
// The signals that follow from the rules. Private to throttle/.

#include "sluice/core/clock.h"
#include "sluice/throttle/connection.h"
#include "sluice/throttle/monitor.h"
#include "sluice/throttle/own_batches.h"
#include "sluice/throttle/replicas.h"
#include "sluice/throttle/signal.h"
#include "sluice/throttle/throttle.h"

#include <memory>
#include <vector>

namespace sluice {

/// What signals are read from; outlives them.
struct SignalSources {
    MonitorConnection& primary;
    Replicas& replicas;
    OwnBatches& batches;
    Clock& clock;
};

struct WatchedSignal {
    SignalRule rule;
    std::unique_ptr<Signal> signal;
};

[[nodiscard]] std::vector<WatchedSignal>
make_signals(const Rules& rules, const MonitorSubject& subject, const SignalSources& sources);

} // namespace sluice
