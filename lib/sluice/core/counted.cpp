#include "sluice/core/counted.h"

#include <fmt/format.h>

namespace sluice {

std::string readable(std::int64_t count)
{
    std::string digits = fmt::format("{}", count);
    const std::size_t first = count < 0 ? 1 : 0;
    for (std::size_t at = digits.size(); at > first + 3;) {
        at -= 3;
        digits.insert(at, ",");
    }
    return digits;
}

std::string counted(std::int64_t count, std::string_view noun)
{
    return fmt::format("{} {}{}", readable(count), noun, count == 1 ? "" : "s");
}

} // namespace sluice
