#include "sluice/core/error.h"
#include "sluice/db/server_signals.h"
#include "sluice/throttle/outside_signals.h"

#include <fmt/format.h>

#include <charconv>
#include <ctime>

namespace sluice {

namespace {

using std::chrono::minutes;

minutes time_of_day(const std::tm& parts)
{
    return minutes(parts.tm_hour * 60 + parts.tm_min);
}

/// "14:05"
minutes parse_time(std::string_view text)
{
    int hours = 0;
    int rest = 0;
    const bool is_time = text.size() == 5 && text[2] == ':' &&
                         std::from_chars(text.data(), text.data() + 2, hours).ec == std::errc{} &&
                         std::from_chars(text.data() + 3, text.data() + 5, rest).ec == std::errc{};
    if (!is_time) {
        throw Error(ErrorKind::sql, fmt::format("the server says it is \"{}\"", text));
    }
    return minutes(hours * 60 + rest);
}

class Window final : public Signal {
public:
    Window(const DailyWindow& window, Clock& clock, MonitorConnection& server)
        : window_(window), clock_(clock), server_(server)
    {
    }

    [[nodiscard]] Reading read(const std::stop_token& /*stop*/) override
    {
        const minutes now = time();
        const bool is_over_midnight = window_.to < window_.from;
        const bool is_open = is_over_midnight ? now >= window_.from || now < window_.to
                                              : now >= window_.from && now < window_.to;
        return {.value = is_open ? 0.0 : 1.0,
                .text = fmt::format("is {}: it is {:02}:{:02}", is_open ? "open" : "closed",
                                    now.count() / 60, now.count() % 60)};
    }

private:
    [[nodiscard]] minutes time()
    {
        const std::time_t now = std::chrono::system_clock::to_time_t(clock_.wall_now());
        std::tm parts = {};
        switch (window_.zone) {
        case Zone::utc:
            return time_of_day(*::gmtime_r(&now, &parts));
        case Zone::local:
            return time_of_day(*::localtime_r(&now, &parts));
        case Zone::server:
            return parse_time(server_.with([](Session& session) { return server_time(session); }));
        }
        throw Error(ErrorKind::internal, "unknown zone");
    }

    DailyWindow window_;
    Clock& clock_;
    MonitorConnection& server_;
};

} // namespace

std::unique_ptr<Signal> make_window(const DailyWindow& window, Clock& clock,
                                    MonitorConnection& server)
{
    return std::make_unique<Window>(window, clock, server);
}

} // namespace sluice
