#include "sluice/report/readable.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice {

namespace {

std::string two_units(std::int64_t big, std::string_view big_unit, std::int64_t small,
                      std::string_view small_unit)
{
    if (small == 0) {
        return fmt::format("{} {}", big, big_unit);
    }
    return fmt::format("{} {} {} {}", big, big_unit, small, small_unit);
}

bool begins_character(char byte)
{
    return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
}

/// Where the terminal's sequence (a colour) that begins at `at` ends: it takes no room.
std::size_t end_of_escape(std::string_view text, std::size_t at)
{
    const std::size_t last = text.find_first_of("mKHhlJ", at);
    return last == std::string_view::npos ? text.size() : last + 1;
}

void append_cell(std::string& line, std::string_view cell, Align align, std::size_t width)
{
    const std::string padding(width - std::min(width, display_width(cell)), ' ');
    if (align == Align::right) {
        line += padding;
    }
    line += cell;
    if (align == Align::left) {
        line += padding;
    }
}

} // namespace

std::string readable(std::chrono::microseconds duration)
{
    const std::int64_t us = duration.count();
    const std::int64_t seconds = us / 1'000'000;
    if (us < 1'000) {
        return fmt::format("{} us", us);
    }
    if (us < 1'000'000) {
        return fmt::format("{} ms", us / 1'000);
    }
    if (seconds < 60) {
        return fmt::format("{:.1f} s", static_cast<double>(us / 100'000) / 10);
    }
    if (seconds < 3'600) {
        return two_units(seconds / 60, "min", seconds % 60, "s");
    }
    if (seconds < 86'400) {
        return two_units(seconds / 3'600, "h", seconds / 60 % 60, "min");
    }
    return two_units(seconds / 86'400, "d", seconds / 3'600 % 24, "h");
}

std::string readable_time(std::string_view recorded)
{
    std::string text(recorded.substr(0, 19));
    if (text.size() > 10 && text[10] == 'T') {
        text[10] = ' ';
    }
    return text;
}

std::string percent(std::int64_t part, std::int64_t whole)
{
    if (whole <= 0) {
        return "?";
    }
    const double share = static_cast<double>(part) / static_cast<double>(whole);
    return fmt::format("{} %", static_cast<int>(std::clamp(share, 0.0, 1.0) * 100));
}

std::size_t display_width(std::string_view text)
{
    std::size_t width = 0;
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] == '\x1b') {
            at = end_of_escape(text, at);
            continue;
        }
        width += begins_character(text[at++]) ? 1U : 0U;
    }
    return width;
}

std::string shorten(std::string_view text, std::size_t width)
{
    if (display_width(text) <= width) {
        return std::string(text);
    }
    std::size_t end = 0;
    for (std::size_t seen = 0; end < text.size();) {
        if (text[end] == '\x1b') {
            end = end_of_escape(text, end);
            continue;
        }
        if (begins_character(text[end]) && ++seen >= width) {
            break;
        }
        ++end;
    }
    return std::string(text.substr(0, end)) + "…";
}

std::string text_table(const std::vector<TableColumn>& columns,
                       const std::vector<std::vector<std::string>>& rows)
{
    std::vector<std::size_t> widths;
    for (const TableColumn& column : columns) {
        widths.push_back(display_width(column.title));
    }
    for (const auto& row : rows) {
        for (std::size_t n = 0; n < row.size(); ++n) {
            widths[n] = std::max(widths[n], display_width(row[n]));
        }
    }
    std::string text;
    const auto append_line = [&](const auto& cell_of) {
        std::string line;
        for (std::size_t n = 0; n < columns.size(); ++n) {
            append_cell(line, cell_of(n), columns[n].align, widths[n]);
            line += "  ";
        }
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + "\n";
    };
    append_line([&](std::size_t n) { return columns[n].title; });
    for (const auto& row : rows) {
        append_line([&](std::size_t n) { return row[n]; });
    }
    return text;
}

} // namespace sluice
