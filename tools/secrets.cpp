#include "secrets.h"

#include <algorithm>
#include <cstddef>

namespace sluice {

namespace {

struct Span {
    std::size_t begin = std::string_view::npos;
    std::size_t end = std::string_view::npos;
};

/// The password of the first URL at or after `from`: between the first ":" of what follows "://"
/// and the last "@" before a blank or quote, so that a password with unescaped "/" or "@" is found
/// whole.
Span find_password(std::string_view text, std::size_t from)
{
    const std::size_t scheme = text.find("://", from);
    if (scheme == std::string_view::npos) {
        return {};
    }
    const std::size_t authority = scheme + 3;
    const std::size_t end = std::min(text.find_first_of(" \t\n\"'", authority), text.size());
    const std::string_view rest = text.substr(authority, end - authority);
    const std::size_t at = rest.rfind('@');
    const std::size_t colon = rest.find(':');
    if (at == std::string_view::npos || colon == std::string_view::npos || colon > at) {
        return {end, end};
    }
    return {authority + colon + 1, authority + at};
}

} // namespace

std::string without_passwords(std::string_view text)
{
    std::string result;
    std::size_t done = 0;
    for (Span span = find_password(text, 0); span.begin != std::string_view::npos;
         span = find_password(text, done)) {
        result += text.substr(done, span.begin - done);
        if (span.end > span.begin) {
            result += "***";
        }
        done = span.end;
    }
    return result.append(text.substr(done));
}

void hide_passwords(int argc, char** argv)
{
    for (int n = 1; n < argc; ++n) {
        const std::string_view argument = argv[n];
        const Span span = find_password(argument, 0);
        if (span.begin != std::string_view::npos) {
            std::fill(argv[n] + span.begin, argv[n] + span.end, '*');
        }
    }
}

} // namespace sluice
