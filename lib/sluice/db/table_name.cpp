#include "sluice/core/error.h"
#include "sluice/db/catalog.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace sluice {

namespace {

[[noreturn]] void fail(std::string_view text, std::string_view problem)
{
    Error::Details details;
    details.hint = "Write \"users\" or \"billing.users\"; a part that holds a dot stands in double "
                   "quotes of its own.";
    throw Error(ErrorKind::definition,
                fmt::format("\"{}\" is not the name of a table: {}", text, problem),
                std::move(details));
}

struct Part {
    std::string name;
    std::size_t end = 0; ///< where the text goes on
};

Part quoted_part(std::string_view text, std::size_t at)
{
    std::string name;
    while (true) {
        const std::size_t quote = text.find('"', at + 1);
        if (quote == std::string_view::npos) {
            fail(text, "a double quote is not closed");
        }
        name += text.substr(at + 1, quote - at - 1);
        if (quote + 1 == text.size() || text[quote + 1] != '"') {
            return {.name = name, .end = quote + 1};
        }
        name += '"'; // written twice, meant once
        at = quote + 1;
    }
}

Part part_at(std::string_view text, std::size_t at)
{
    if (at == text.size()) {
        fail(text, "a part of it is empty");
    }
    if (text[at] == '"') {
        return quoted_part(text, at);
    }
    const std::size_t end = std::min(text.find_first_of(".\"", at), text.size());
    return {.name = std::string(text.substr(at, end - at)), .end = end};
}

} // namespace

TableName parse_table_name(std::string_view text)
{
    if (text.find('\0') != std::string_view::npos) {
        fail("", "it holds the character U+0000");
    }
    std::vector<std::string> parts;
    for (std::size_t at = 0; at <= text.size();) {
        Part part = part_at(text, at);
        if (part.name.empty()) {
            fail(text, "a part of it is empty");
        }
        if (part.end < text.size() && text[part.end] != '.') {
            fail(text, "after a part comes a dot or the end");
        }
        parts.push_back(std::move(part.name));
        at = part.end + 1;
    }
    if (parts.size() > 2) {
        fail(text, "it has more than two parts");
    }
    return parts.size() == 1 ? TableName{.schema = {}, .name = parts[0]}
                             : TableName{.schema = parts[0], .name = parts[1]};
}

} // namespace sluice
