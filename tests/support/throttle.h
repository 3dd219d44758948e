#pragma once
// What the tests of the throttle share: a clock that hurries, and ways to wait for a decision.

#include "sluice/core/clock.h"
#include "sluice/db/server_signals.h"
#include "sluice/throttle/monitor.h"

#include <string>

namespace sluice::test {

/// Ten times as fast as the real one: a monitor samples ten times a second, and is calm sooner.
class HurriedClock final : public Clock {
public:
    [[nodiscard]] SteadyTime steady_now() override
    {
        return began_ + (real_.steady_now() - began_) * speed;
    }

    [[nodiscard]] WallTime wall_now() override { return real_.wall_now(); }

    void sleep(Microseconds duration, const std::stop_token& stop) override
    {
        real_.sleep(duration / speed, stop);
    }

private:
    static constexpr int speed = 10;
    SystemClock real_;
    SteadyTime began_ = real_.steady_now();
};

void await_go(const Monitor& monitor);
/// Waits until it holds for a reason in which the words occur.
void await_hold(const Monitor& monitor, const std::string& words);

/// Of table "t".
[[nodiscard]] double signal_value(Session& session, const std::string& name);
void await_signal(Session& session, const std::string& name, double least, double most);
/// Why it cannot be read; "read: VALUE" where it can.
[[nodiscard]] std::string signal_failure(Session& session, const std::string& name);

inline const std::string make_table_t =
    "CREATE TABLE t (id int NOT NULL PRIMARY KEY, n int NOT NULL)";
/// INSERT of ids from 0 to `end` - 1, n = 0.
[[nodiscard]] std::string insert_rows(int end);

} // namespace sluice::test
