#pragma once
// Signals that no database is asked for. Each reads 0 for go and 1 for hold, and says what it saw.
// Private to throttle/.

#include "sluice/core/clock.h"
#include "sluice/throttle/connection.h"
#include "sluice/throttle/rules.h"
#include "sluice/throttle/signal.h"

#include <memory>
#include <string>

namespace sluice {

/// The file is there: hold.
[[nodiscard]] std::unique_ptr<Signal> make_flag_file(const std::string& path);

/// GET answers 200: go.
[[nodiscard]] std::unique_ptr<Signal> make_probe(const std::string& url, Clock& clock);

/// Exit code 0: go. Ended, with all that it started, when it takes too long.
[[nodiscard]] std::unique_ptr<Signal> make_command(const std::string& command, Clock& clock);

/// Outside the window: hold. The server is asked for its time where that is the window's zone.
[[nodiscard]] std::unique_ptr<Signal> make_window(const DailyWindow& window, Clock& clock,
                                                  MonitorConnection& server);

} // namespace sluice
