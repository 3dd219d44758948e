#include "signals.h"

#include "exit_code.h"
#include "full_screen.h"

#include <cstdlib>
#include <string_view>
#include <unistd.h>

namespace sluice {

namespace {

constexpr int quit_waiting = SIGUSR2;

void say(std::string_view text)
{
    // Nobody reads stderr any more: then nobody needs to be told.
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size());
}

void wait_for_signals(const sigset_t& signals, std::stop_source stop)
{
    for (int received = 0; ::sigwait(&signals, &received) == 0;) {
        if (received == quit_waiting) {
            return;
        }
        if (!stop.request_stop()) {
            restore_terminal();
            ::_exit(exit_code::interrupted);
        }
        say("\nfinishing what is under way; once more ends at once\n");
    }
}

} // namespace

StopOnSignal::StopOnSignal(std::stop_source stop)
{
    ::sigemptyset(&signals_);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, quit_waiting}) {
        ::sigaddset(&signals_, signal);
    }
    ::pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
    waiter_ = std::thread(wait_for_signals, std::cref(signals_), std::move(stop));
}

StopOnSignal::~StopOnSignal()
{
    ::pthread_kill(waiter_.native_handle(), quit_waiting);
    waiter_.join();
}

} // namespace sluice
