#include "sluice/migration/template.h"

#include "sluice/core/error.h"
#include "sluice/core/nearest.h"
#include "sluice/migration/toml_text.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace sluice {

namespace {

[[noreturn]] void fail_usage(const std::string& problem, std::string hint)
{
    Error::Details details;
    details.hint = std::move(hint);
    throw Error(ErrorKind::usage, problem, std::move(details));
}

std::vector<std::string_view> lines_of(std::string_view text)
{
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        lines.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

/// "up? lower(email) -- how to compute it"
TemplateKey parse_key(const std::string& kind, std::string_view line)
{
    const std::size_t blank = line.find(' ');
    const std::size_t dashes = line.find(" -- ");
    if (dashes == std::string_view::npos || blank >= dashes) {
        throw Error(ErrorKind::internal,
                    fmt::format("template \"{}\": no key in \"{}\"", kind, line));
    }
    TemplateKey key;
    key.name = std::string(line.substr(0, blank));
    key.optional = key.name.back() == '?';
    if (key.optional) {
        key.name.pop_back();
    }
    key.example = std::string(line.substr(blank + 1, dashes - blank - 1));
    key.about = std::string(line.substr(dashes + 4));
    return key;
}

std::string escaped_list(std::string_view value)
{
    std::string text = toml_escaped(value);
    for (std::size_t at = text.find(','); at != std::string::npos; at = text.find(',', at + 4)) {
        text.replace(at, 1, "\", \"");
    }
    return text;
}

class Filling {
public:
    Filling(const Template& form, const std::map<std::string, std::string>& values)
        : form_(form), values_(values)
    {
    }

    [[nodiscard]] std::string line(std::string_view text) const
    {
        constexpr std::string_view mark = "{{?";
        if (text.substr(0, mark.size()) != mark) {
            return substituted(text);
        }
        const std::size_t end = text.find("}}");
        const std::string key(text.substr(mark.size(), end - mark.size()));
        const std::string rest = substituted(text.substr(end + 2));
        return values_.contains(key) ? rest : "# " + rest;
    }

private:
    [[nodiscard]] std::string substituted(std::string_view text) const
    {
        std::string result;
        while (true) {
            const std::size_t open = text.find("{{");
            result += text.substr(0, open);
            if (open == std::string_view::npos) {
                return result;
            }
            const std::size_t close = text.find("}}", open);
            result += value(text.substr(open + 2, close - open - 2));
            text.remove_prefix(close + 2);
        }
    }

    [[nodiscard]] std::string value(std::string_view placeholder) const
    {
        const bool is_list = placeholder.back() == ',';
        const std::string key(placeholder.substr(0, placeholder.size() - (is_list ? 1 : 0)));
        const auto given = values_.find(key);
        const std::string& text = given == values_.end() ? example(key) : given->second;
        return is_list ? escaped_list(text) : toml_escaped(text);
    }

    [[nodiscard]] const std::string& example(const std::string& key) const
    {
        const auto known = std::find_if(form_.keys.begin(), form_.keys.end(),
                                        [&key](const TemplateKey& k) { return k.name == key; });
        if (known == form_.keys.end()) {
            throw Error(ErrorKind::internal,
                        fmt::format("template \"{}\" has no key \"{}\"", form_.kind, key));
        }
        return known->example;
    }

    const Template& form_;
    const std::map<std::string, std::string>& values_;
};

std::string usage(const Template& form)
{
    std::vector<std::string> words;
    for (const TemplateKey& key : form.keys) {
        words.push_back(key.optional ? fmt::format("[{}=…]", key.name)
                                     : fmt::format("{}=…", key.name));
    }
    return fmt::format("Write `sluice new {} {}`.", form.kind, fmt::join(words, " "));
}

void check_given(const Template& form, const std::map<std::string, std::string>& values)
{
    std::vector<std::string> names;
    for (const TemplateKey& key : form.keys) {
        names.push_back(key.name);
    }
    for (const auto& [name, value] : values) {
        if (std::find(names.begin(), names.end(), name) != names.end()) {
            continue;
        }
        const std::optional<std::string> meant = nearest(name, names);
        fail_usage(fmt::format("{} takes no \"{}\"", form.kind, name),
                   fmt::format("{}{}", meant ? fmt::format("Did you mean \"{}\"? ", *meant) : "",
                               usage(form)));
    }
}

void check_value(const Template& form, const TemplateKey& key,
                 const std::map<std::string, std::string>& values)
{
    const auto given = values.find(key.name);
    if (given == values.end()) {
        if (!key.optional) {
            fail_usage(fmt::format("{} needs \"{}\": {}", form.kind, key.name, key.about),
                       usage(form));
        }
        return;
    }
    if (given->second.empty()) {
        fail_usage(fmt::format("\"{}\" is empty", key.name), usage(form));
    }
    const auto is_flag = [](const std::string& text) { return text == "true" || text == "false"; };
    if (is_flag(key.example) && !is_flag(given->second)) {
        fail_usage(
            fmt::format("\"{}\": expected true or false, found \"{}\"", key.name, given->second),
            usage(form));
    }
}

} // namespace

Template parse_template(const std::string& kind, std::string_view text)
{
    Template form;
    form.kind = kind;
    for (const std::string_view line : lines_of(text)) {
        if (line.substr(0, 3) == "#= ") {
            form.about = std::string(line.substr(3));
        } else if (line.substr(0, 3) == "#: ") {
            form.keys.push_back(parse_key(kind, line.substr(3)));
        } else {
            form.body += line;
            form.body += '\n';
        }
    }
    return form;
}

const Template& find_template(std::string_view kind)
{
    std::vector<std::string> kinds;
    for (const Template& form : all_templates()) {
        if (form.kind == kind) {
            return form;
        }
        kinds.push_back(form.kind);
    }
    const std::optional<std::string> meant = nearest(kind, kinds);
    fail_usage(fmt::format("there is no template \"{}\"", kind),
               fmt::format("{}There are {}.",
                           meant ? fmt::format("Did you mean \"{}\"? ", *meant) : "",
                           fmt::join(kinds, ", ")));
}

std::string fill_template(const Template& form, const std::map<std::string, std::string>& values)
{
    check_given(form, values);
    for (const TemplateKey& key : form.keys) {
        check_value(form, key, values);
    }
    const Filling filling(form, values);
    std::string text;
    for (const std::string_view line : lines_of(form.body)) {
        text += filling.line(line);
        text += '\n';
    }
    return text;
}

} // namespace sluice
