#include "sluice/core/secrets.h"

#include "sluice/core/error.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <fstream>

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

std::string from_variable(const std::string& name, const std::string& who)
{
    const char* value = std::getenv(name.c_str());
    if (value == nullptr || *value == '\0') {
        throw Error(ErrorKind::usage,
                    "environment variable \"" + name + "\", where " + who +
                        " has its url, is not set",
                    {.hint = "Set it: `export " + name + "=postgresql://…`."});
    }
    return value;
}

std::string from_file(const std::string& path, const std::string& who)
{
    std::ifstream in(path);
    std::string value;
    if (!std::getline(in, value) || value.empty()) {
        throw Error(ErrorKind::usage, "file \"" + path + "\", where " + who +
                                          " has its url, cannot be read or is empty");
    }
    return value;
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

std::string read_secret(const std::string& source, const std::string& folder,
                        const std::string& who)
{
    if (source.rfind("env:", 0) == 0) {
        return from_variable(source.substr(4), who);
    }
    if (source.rfind("file:", 0) == 0) {
        const std::string path = source.substr(5);
        return from_file(path.rfind('/', 0) == 0 ? path : folder + path, who);
    }
    return source;
}

} // namespace sluice
