#include "sluice/core/error.h"
#include "sluice/migration/migration.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <string_view>

namespace sluice {

namespace {

struct Unit {
    std::string_view suffix;
    std::int64_t milliseconds;
};

constexpr std::array<Unit, 5> units{
    {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};

[[noreturn]] void refuse_duration(std::string_view text)
{
    throw Error(ErrorKind::usage,
                fmt::format("expected a duration such as \"10ms\", \"2s\", \"5m\", \"24h\" or "
                            "\"7d\", found \"{}\"",
                            text));
}

} // namespace

std::chrono::milliseconds parse_duration(std::string_view text)
{
    std::int64_t count = 0;
    const char* end = text.data() + text.size();
    const auto [rest, failure] = std::from_chars(text.data(), end, count);
    if (failure != std::errc{} || count < 0) {
        refuse_duration(text);
    }
    const std::string_view suffix(rest, static_cast<std::size_t>(end - rest));
    const auto* unit = std::find_if(units.begin(), units.end(),
                                    [suffix](const Unit& known) { return known.suffix == suffix; });
    if (unit == units.end() ||
        count > std::numeric_limits<std::int64_t>::max() / 1'000'000 / unit->milliseconds) {
        refuse_duration(text);
    }
    return std::chrono::milliseconds(count * unit->milliseconds);
}

} // namespace sluice
