#pragma once
// Numbers, durations and times as people read them, and columns that line up.

#include "sluice/core/counted.h"

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// Two significant units at most: "850 us", "12 ms", "3.4 s", "2 min 5 s", "3 h 20 min", "2 d 4 h".
[[nodiscard]] std::string readable(std::chrono::microseconds duration);
/// A recorded time (2026-11-21T04:00:00.123Z) to the second: "2026-11-21 04:00:00". Empty stays
/// empty.
[[nodiscard]] std::string readable_time(std::string_view recorded);
/// "61 %", rounded down, so that 100 % means all of it; "?" where `whole` is unknown.
[[nodiscard]] std::string percent(std::int64_t part, std::int64_t whole);

/// Characters of UTF-8 text.
[[nodiscard]] std::size_t display_width(std::string_view text);
/// At most `width` characters, the last one "…" where something was cut.
[[nodiscard]] std::string shorten(std::string_view text, std::size_t width);

enum class Align { left, right };

struct TableColumn {
    std::string title;
    Align align = Align::left;
};

/// Columns padded to their widest cell, two spaces between, none at the end of a line.
[[nodiscard]] std::string text_table(const std::vector<TableColumn>& columns,
                                     const std::vector<std::vector<std::string>>& rows);

} // namespace sluice
