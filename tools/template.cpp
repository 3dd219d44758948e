#include "template.h"

#include "sluice/core/error.h"
#include "sluice/core/nearest.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace sluice {

namespace {

/// A line `key = value`, or one that would be without its "# ".
struct Setting {
    std::string key;
    std::string value; ///< as written, without the comment after it
    std::string rest;  ///< that comment, with the blanks before it
};

bool is_key(std::string_view text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
}

std::string trimmed(std::string_view text)
{
    const std::size_t begin = text.find_first_not_of(' ');
    if (begin == std::string_view::npos) {
        return "";
    }
    return std::string(text.substr(begin, text.find_last_not_of(' ') - begin + 1));
}

/// Where the value ends and a comment begins: at a "#" outside of quotes.
std::size_t end_of_value(std::string_view text)
{
    char quote = '\0';
    for (std::size_t n = 0; n < text.size(); ++n) {
        if (quote != '\0') {
            quote = text[n] == quote ? '\0' : quote;
        } else if (text[n] == '"' || text[n] == '\'') {
            quote = text[n];
        } else if (text[n] == '#') {
            return n;
        }
    }
    return text.size();
}

std::optional<Setting> read_setting(std::string_view line)
{
    if (line.substr(0, 2) == "# ") {
        line.remove_prefix(2);
    }
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos || !is_key(trimmed(line.substr(0, equals)))) {
        return std::nullopt;
    }
    const std::string_view tail = line.substr(equals + 1);
    const std::string_view with_blanks = tail.substr(0, end_of_value(tail));
    Setting setting;
    setting.key = trimmed(line.substr(0, equals));
    setting.value = trimmed(with_blanks);
    setting.rest = tail.substr(std::min(tail.size(), with_blanks.find_last_not_of(' ') + 1));
    return setting;
}

std::vector<std::string> lines_of(std::string_view text)
{
    std::vector<std::string> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        lines.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(text.size(), end + 1));
    }
    return lines;
}

/// In the manner of the value it replaces: a text in quotes, or a number, boolean, list as it is.
std::string toml_value(const std::string& text, const std::string& before)
{
    if (!before.empty() && before.front() != '"' && before.front() != '\'') {
        return text;
    }
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            quoted += '\\';
        }
        quoted += c;
    }
    return quoted + "\"";
}

} // namespace

const Template& find_template(const std::string& kind)
{
    std::vector<std::string> kinds;
    for (const Template& one : all_templates()) {
        if (one.kind == kind) {
            return one;
        }
        kinds.emplace_back(one.kind);
    }
    const auto meant = nearest(kind, kinds);
    throw Error(ErrorKind::usage, fmt::format("unknown kind \"{}\"", kind),
                {.hint = meant.has_value() ? fmt::format("did you mean \"{}\"?", *meant)
                                           : fmt::format("kinds: {}", fmt::join(kinds, ", "))});
}

std::vector<std::string> keys_of(const Template& one)
{
    std::vector<std::string> keys;
    for (const std::string& line : lines_of(one.text)) {
        const auto setting = read_setting(line);
        if (setting.has_value() && setting->key != "kind" &&
            std::find(keys.begin(), keys.end(), setting->key) == keys.end()) {
            keys.push_back(setting->key);
        }
    }
    return keys;
}

std::string fill_template(const Template& one, const std::vector<TemplateValue>& values)
{
    std::vector<std::string> lines = lines_of(one.text);
    for (const TemplateValue& value : values) {
        const auto line = std::find_if(lines.begin(), lines.end(), [&](const std::string& text) {
            const auto setting = read_setting(text);
            return setting.has_value() && setting->key == value.key && value.key != "kind";
        });
        if (line == lines.end()) {
            const auto meant = nearest(value.key, keys_of(one));
            throw Error(ErrorKind::usage,
                        fmt::format("a file of kind \"{}\" has no key \"{}\"", one.kind, value.key),
                        {.hint = meant.has_value()
                                     ? fmt::format("did you mean \"{}\"?", *meant)
                                     : fmt::format("its keys: {}", fmt::join(keys_of(one), ", "))});
        }
        const Setting setting = read_setting(*line).value_or(Setting{});
        *line = fmt::format("{} = {}{}", value.key, toml_value(value.text, setting.value),
                            setting.rest);
    }
    return fmt::format("{}\n", fmt::join(lines, "\n"));
}

} // namespace sluice
