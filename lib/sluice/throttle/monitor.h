#pragma once
// Watches the signals of a run while its workers work: a thread with connections of its own, which
// samples about once a second and publishes what follows. Workers only ask for the decision, before
// each batch. It holds until the first sampling is finished, comes back by itself after a lost
// connection, and ends with its owner. Without rules there is neither a thread nor a connection.

#include "sluice/core/clock.h"
#include "sluice/db/session.h"
#include "sluice/db/table.h"
#include "sluice/throttle/rules.h"
#include "sluice/throttle/throttle.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace sluice {

struct MonitorSubject {
    std::int64_t run = 0;
    TableName table;
    /// Commands come from the run's row, which is in the hands of whoever may write to the
    /// database. Only those that this machine's own settings name as well are run; another one is
    /// a signal that cannot be read.
    std::vector<std::string> trusted_commands;
    Milliseconds interval{1000}; ///< between two samplings
};

class Monitor {
public:
    /// `clock` must outlive it, and be thread-safe.
    Monitor(Connect connect, Clock& clock, const Rules& rules, const MonitorSubject& subject);
    Monitor(const Monitor&) = delete;
    Monitor& operator=(const Monitor&) = delete;
    ~Monitor();

    // All of these are thread-safe.
    [[nodiscard]] Decision decision() const;
    /// A batch of this process took so long, without its waits for locks.
    void note_batch(Microseconds took);
    /// A batch of this process found the database held by another writer.
    void note_busy();

private:
    class Watching;
    std::unique_ptr<Watching> watching_;
};

/// Throws Error{definition} where this server does not have a signal that is asked for, or what it
/// would be read from is not given, and names the signals that it has. For the start of a run.
void check_rules(const Rules& rules, const Dialect& dialect);

} // namespace sluice
