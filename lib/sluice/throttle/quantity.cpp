#include "sluice/throttle/quantity.h"

#include "sluice/core/counted.h"
#include "sluice/core/error.h"
#include "sluice/migration/migration.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>

namespace sluice {

namespace {

struct ByteUnit {
    std::string_view suffix;
    double bytes;
};

constexpr std::array<ByteUnit, 5> byte_units{
    {{"TB", 0x1p40}, {"GB", 0x1p30}, {"MB", 0x1p20}, {"kB", 0x1p10}, {"B", 1}}};

constexpr double most_count = 1e15;

struct Leading {
    double number = 0;
    std::string_view rest;
};

std::optional<Leading> leading_number(std::string_view text)
{
    Leading found;
    const char* end = text.data() + text.size();
    const auto [rest, failure] =
        std::from_chars(text.data(), end, found.number, std::chars_format::fixed);
    if (failure != std::errc{} || !(found.number >= 0)) { // written so that "nan" is refused too
        return std::nullopt;
    }
    found.rest = std::string_view(rest, static_cast<std::size_t>(end - rest));
    return found;
}

[[noreturn]] void refuse_quantity(std::string_view expected, std::string_view found)
{
    throw Error(ErrorKind::usage, fmt::format("expected {}, found \"{}\"", expected, found));
}

double parse_bytes(std::string_view text)
{
    const std::optional<Leading> found = leading_number(text);
    const auto* unit =
        std::find_if(byte_units.begin(), byte_units.end(),
                     [&](const ByteUnit& known) { return found && known.suffix == found->rest; });
    if (unit == byte_units.end() || found->number * unit->bytes > most_count * 1000) {
        refuse_quantity("a size such as \"512kB\", \"64MB\", \"20GB\" or \"1TB\"", text);
    }
    return found->number * unit->bytes;
}

double parse_count(std::string_view text)
{
    const std::optional<Leading> found = leading_number(text);
    if (!found || !found->rest.empty() || found->number > most_count) {
        refuse_quantity("a number, 0 or more", text);
    }
    return found->number;
}

double parse_share(std::string_view text)
{
    const std::optional<Leading> found = leading_number(text);
    if (!found || !found->rest.empty() || found->number > 1) {
        refuse_quantity("a number from 0 to 1", text);
    }
    return found->number;
}

/// "7.2", but "7" for 7.0.
std::string short_number(double value)
{
    std::string text = fmt::format("{:.1f}", value);
    if (text.size() > 2 && text.compare(text.size() - 2, 2, ".0") == 0) {
        text.resize(text.size() - 2);
    }
    return text;
}

std::string readable_seconds(double seconds)
{
    constexpr double minute = 60;
    constexpr double hour = 3600;
    if (seconds < 1) {
        return fmt::format("{:.0f}ms", seconds * 1000);
    }
    if (seconds < 10 * minute && std::fmod(seconds, minute) != 0) {
        return short_number(seconds) + "s";
    }
    if (seconds < 10 * hour && std::fmod(seconds, hour) != 0) {
        return short_number(seconds / minute) + "m";
    }
    return short_number(seconds / hour) + "h";
}

std::string readable_bytes(double bytes)
{
    for (const ByteUnit& unit : byte_units) {
        if (bytes >= unit.bytes) {
            return short_number(bytes / unit.bytes) + std::string(unit.suffix);
        }
    }
    return "0B";
}

std::string readable_count(double value)
{
    if (value == std::floor(value) && std::abs(value) < most_count) {
        return readable(static_cast<std::int64_t>(value));
    }
    return fmt::format("{:g}", value);
}

} // namespace

double parse_quantity(Unit unit, std::string_view text)
{
    switch (unit) {
    case Unit::duration:
        return std::chrono::duration<double>(parse_duration(text)).count();
    case Unit::bytes:
        return parse_bytes(text);
    case Unit::count:
        return parse_count(text);
    case Unit::share:
        return parse_share(text);
    case Unit::flag:
        if (text != "true") {
            refuse_quantity("true", text);
        }
        return 0;
    }
    throw Error(ErrorKind::internal, "unknown unit");
}

std::string readable_quantity(Unit unit, double value)
{
    switch (unit) {
    case Unit::duration:
        return readable_seconds(value);
    case Unit::bytes:
        return readable_bytes(value);
    case Unit::count:
        return readable_count(value);
    case Unit::share:
        return fmt::format("{:.2f}", value);
    case Unit::flag:
        return value > 0 ? "yes" : "no";
    }
    throw Error(ErrorKind::internal, "unknown unit");
}

} // namespace sluice
