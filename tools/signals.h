#pragma once
// Ctrl-C and SIGTERM as a request to stop. The first one asks: the batch is finished, the
// checkpoint kept, and the program says how to go on. The second ends the process at once, which is
// safe as well: an open transaction is lost as a whole.
//
// To be made before any other thread, which then inherits the blocked signals; one thread of its
// own waits for them, so nothing runs inside a signal handler.

#include <csignal>
#include <stop_token>
#include <thread>

namespace sluice {

class StopOnSignal {
public:
    explicit StopOnSignal(std::stop_source stop);
    StopOnSignal(const StopOnSignal&) = delete;
    StopOnSignal& operator=(const StopOnSignal&) = delete;
    ~StopOnSignal();

private:
    sigset_t signals_{};
    std::thread waiter_;
};

} // namespace sluice
