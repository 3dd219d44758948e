#include "sluice/migration/toml_text.h"

#include <fmt/core.h>

#include <algorithm>

namespace sluice {

namespace {

bool is_control(char c)
{
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

bool is_plain(char c)
{
    return c == '\n' || c == '\t' || !is_control(c);
}

/// Between ''' nothing is escaped, and a text that ends with a quote would run into its end.
bool may_be_literal(std::string_view value)
{
    return value.find("'''") == std::string_view::npos && value.back() != '\'' &&
           std::all_of(value.begin(), value.end(), is_plain);
}

} // namespace

std::string toml_escaped(std::string_view value)
{
    std::string text;
    for (const char c : value) {
        if (c == '"' || c == '\\') {
            text += '\\';
            text += c;
        } else if (is_control(c)) {
            text += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        } else {
            text += c;
        }
    }
    return text;
}

std::string toml_string(std::string_view value)
{
    return "\"" + toml_escaped(value) + "\"";
}

std::string toml_list(const std::vector<std::string>& values)
{
    std::string text;
    for (const std::string& value : values) {
        text += (text.empty() ? "" : ", ") + toml_string(value);
    }
    return "[" + text + "]";
}

std::string toml_block(std::string_view value)
{
    if (value.find('\n') == std::string_view::npos) {
        return toml_string(value);
    }
    if (may_be_literal(value)) {
        return fmt::format("'''\n{}'''", value);
    }
    std::string text;
    for (const char c : value) {
        text += c == '\n' ? "\n" : c == '\t' ? "\t" : toml_escaped(std::string_view(&c, 1));
    }
    return "\"\"\"\n" + text + "\"\"\"";
}

std::string toml_comment(std::string_view text)
{
    std::string lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string line(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        std::replace_if(
            line.begin(), line.end(), [](char c) { return is_control(c); }, ' ');
        while (!line.empty() && line.back() == ' ') {
            line.pop_back();
        }
        lines += line.empty() ? "#\n" : "# " + line + "\n";
    }
    return lines;
}

} // namespace sluice
