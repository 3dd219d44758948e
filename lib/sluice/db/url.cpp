#include "sluice/db/url.h"

#include "sluice/core/error.h"
#include "sluice/core/nearest.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

namespace sluice {

namespace {

struct Parameter {
    std::string name;
    std::vector<std::string> values; ///< those allowed; empty: anything
};

const std::vector<Parameter>& parameters_of(Engine engine)
{
    static const std::vector<Parameter> postgresql{
        {"channel_binding", {"disable", "prefer", "require"}},
        {"socket", {}},
        {"sslcert", {}},
        {"sslkey", {}},
        {"sslmode", {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}},
        {"sslrootcert", {}}};
    static const std::vector<Parameter> mysql{
        {"socket", {}},
        {"ssl-ca", {}},
        {"ssl-cert", {}},
        {"ssl-key", {}},
        {"ssl-mode", {"disabled", "preferred", "required", "verify-ca", "verify-identity"}}};
    static const std::vector<Parameter> sqlite{{"mode", {"ro", "rw", "rwc"}}};
    switch (engine) {
    case Engine::postgresql:
        return postgresql;
    case Engine::mysql:
        return mysql;
    case Engine::sqlite:
        return sqlite;
    }
    return sqlite;
}

[[noreturn]] void refuse(std::string message, std::string hint)
{
    throw Error(ErrorKind::usage, std::move(message), {.hint = std::move(hint)});
}

constexpr std::string_view encode_hint =
    "Percent-encode what is not a letter or a digit in the user, the password and the database: "
    "% is %25, / is %2F, ? is %3F, @ is %40, : is %3A.";

constexpr std::string_view forms =
    "Write sqlite:PATH, postgresql://user:password@host:port/database or "
    "mysql://user:password@host:port/database.";

std::optional<int> hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return std::nullopt;
}

std::string percent_decoded(std::string_view text, std::string_view part)
{
    std::string decoded;
    for (std::size_t n = 0; n < text.size(); ++n) {
        if (text[n] != '%') {
            decoded += text[n];
            continue;
        }
        const auto high = n + 2 < text.size() ? hex_digit(text[n + 1]) : std::nullopt;
        const auto low = high ? hex_digit(text[n + 2]) : std::nullopt;
        if (!low) {
            refuse("the " + std::string(part) +
                       " in the URL has a % without two hexadecimal digits",
                   "Write a % that stands for itself as %25.");
        }
        decoded += static_cast<char>(*high * 16 + *low);
        n += 2;
    }
    if (decoded.find('\0') != std::string::npos) {
        refuse("the " + std::string(part) + " in the URL holds a zero byte",
               "No database takes one there: leave %00 out.");
    }
    return decoded;
}

/// Enough for a text that can be pasted back; letters outside ASCII are left readable.
std::string percent_encoded(std::string_view text)
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    constexpr std::string_view special = "%/?#@:&=+[]\" '<>\\^`{|}";
    std::string encoded;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte > 0x20 && byte != 0x7f && special.find(c) == std::string_view::npos) {
            encoded += c;
            continue;
        }
        encoded += '%';
        encoded += digits[byte >> 4U];
        encoded += digits[byte & 15U];
    }
    return encoded;
}

Engine engine_of(std::string_view scheme)
{
    if (scheme == "postgresql" || scheme == "postgres") {
        return Engine::postgresql;
    }
    if (scheme == "mysql" || scheme == "mariadb") {
        return Engine::mysql;
    }
    if (scheme == "sqlite") {
        return Engine::sqlite;
    }
    const auto meant = nearest(scheme, {"postgresql", "postgres", "mysql", "mariadb", "sqlite"});
    refuse("unknown engine \"" + std::string(scheme) + "\" in the database URL",
           meant ? "Did you mean \"" + *meant + "\"? " + std::string(forms) : std::string(forms));
}

void check_value(const Parameter& parameter, const std::string& value)
{
    const auto& allowed = parameter.values;
    if (allowed.empty() || std::find(allowed.begin(), allowed.end(), value) != allowed.end()) {
        return;
    }
    std::string list;
    for (const std::string& one : allowed) {
        list += (list.empty() ? "" : ", ") + one;
    }
    refuse("unknown value \"" + value + "\" for the URL parameter \"" + parameter.name + "\"",
           "It may be one of: " + list + ".");
}

const Parameter& known_parameter(Engine engine, const std::string& name)
{
    std::vector<std::string> names;
    for (const Parameter& parameter : parameters_of(engine)) {
        if (parameter.name == name) {
            return parameter;
        }
        names.push_back(parameter.name);
    }
    // A raw '?' in a password ends up here, and its rest must not be shown.
    if (name.find_first_of("@:/") != std::string::npos) {
        refuse("the URL has a \"?\" before its \"@\"", std::string(encode_hint));
    }
    std::string list;
    for (const std::string& one : names) {
        list += (list.empty() ? "" : ", ") + one;
    }
    const auto meant = nearest(name, names);
    refuse("unknown parameter \"" + name + "\" in the " + std::string(name_of(engine)) + " URL",
           meant ? "Did you mean \"" + *meant + "\"?" : "Known are: " + list + ".");
}

void parse_parameters(Url& url, std::string_view text)
{
    while (!text.empty()) {
        const std::string_view one = text.substr(0, text.find('&'));
        text.remove_prefix(std::min(text.size(), one.size() + 1));
        const std::size_t equals = one.find('=');
        const std::string name = percent_decoded(one.substr(0, equals), "parameter");
        const Parameter& parameter = known_parameter(url.engine, name);
        const std::string value =
            equals == std::string_view::npos
                ? std::string()
                : percent_decoded(one.substr(equals + 1), "parameter \"" + name + "\"");
        if (value.empty()) {
            refuse("the URL parameter \"" + name + "\" has no value",
                   "Write " + name + "=VALUE, or leave it out.");
        }
        check_value(parameter, value);
        if (name == "socket") {
            url.socket = value;
        } else if (!url.parameters.emplace(name, value).second) {
            refuse("the URL parameter \"" + name + "\" is given twice", "Leave one of them out.");
        }
    }
}

int parse_port(std::string_view text)
{
    int port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc() || end != text.data() + text.size() || port < 1 || port > 65535) {
        // Not repeated: with an unencoded password it can be a part of that.
        refuse("the port in the URL is not a number from 1 to 65535", std::string(encode_hint));
    }
    return port;
}

void parse_host(Url& url, std::string_view text)
{
    std::string_view host = text;
    std::string_view port;
    if (text.starts_with('[')) {
        const std::size_t close = text.find(']');
        if (close == std::string_view::npos) {
            refuse("the URL's host has a \"[\" without a \"]\"",
                   "Write an IPv6 address as [::1]:5432.");
        }
        host = text.substr(1, close - 1);
        port = text.substr(close + 1);
    } else if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
        host = text.substr(0, colon);
        port = text.substr(colon);
    }
    if (port.size() > 1 && port.starts_with(':')) {
        url.port = parse_port(port.substr(1));
    } else if (!port.empty() && port != ":") {
        refuse("the URL's host is followed by something that is not a port",
               "Write an IPv6 address as [::1]:5432.");
    }
    url.host = percent_decoded(host, "host");
    if (url.host.find_first_of(", \t\r\n") != std::string::npos) {
        refuse("the URL's host is not one host name",
               "sluice works on one server: name the primary.");
    }
    if (url.host.starts_with('/')) {
        url.socket = std::exchange(url.host, std::string());
    }
}

void parse_authority(Url& url, std::string_view text)
{
    const std::size_t at = text.rfind('@');
    if (at != std::string_view::npos) {
        const std::string_view account = text.substr(0, at);
        const std::size_t colon = account.find(':');
        url.user = percent_decoded(account.substr(0, colon), "user");
        if (colon != std::string_view::npos) {
            url.password = percent_decoded(account.substr(colon + 1), "password");
        }
        text.remove_prefix(at + 1);
    }
    parse_host(url, text);
}

Url parse_server(Engine engine, std::string_view rest)
{
    Url url;
    url.engine = engine;
    if (!rest.starts_with("//")) {
        refuse("a " + std::string(name_of(engine)) + " URL goes on with \"//\" after the colon",
               std::string(forms));
    }
    rest.remove_prefix(2);
    const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
    rest.remove_prefix(authority.size());
    const std::string_view path = rest.substr(0, rest.find('?'));
    rest.remove_prefix(path.size());
    if (path.find('@') != std::string_view::npos) {
        refuse("the URL has a \"/\" before its \"@\"", std::string(encode_hint));
    }
    if (!rest.empty()) {
        parse_parameters(url, rest.substr(1));
    }
    parse_authority(url, authority);
    if (!path.empty()) {
        url.database = percent_decoded(path.substr(1), "database");
    }
    if (url.database.find('/') != std::string::npos &&
        path.find('/', 1) != std::string_view::npos) {
        refuse("the database name in the URL holds a \"/\"", std::string(encode_hint));
    }
    return url;
}

Url parse_sqlite(std::string_view rest)
{
    Url url;
    url.engine = Engine::sqlite;
    const std::string_view path = rest.substr(0, rest.find('?'));
    if (path.size() < rest.size()) {
        parse_parameters(url, rest.substr(path.size() + 1));
    }
    url.path = percent_decoded(path.starts_with("//") ? path.substr(2) : path, "path");
    if (url.path.empty()) {
        refuse("the sqlite URL names no file", "Write sqlite:PATH, for instance sqlite:dev.db.");
    }
    if (url.path == ":memory:") {
        refuse("an in-memory database cannot be migrated: each connection would have its own",
               "Name a file: sqlite:PATH.");
    }
    return url;
}

} // namespace

std::string_view name_of(Engine engine)
{
    switch (engine) {
    case Engine::postgresql:
        return "postgresql";
    case Engine::mysql:
        return "mysql";
    case Engine::sqlite:
        return "sqlite";
    }
    return "unknown";
}

std::string Url::display() const
{
    std::string text(name_of(engine));
    if (engine == Engine::sqlite) {
        text += ":" + path;
    } else {
        text += "://" + percent_encoded(user) + (password.empty() ? "" : ":***") +
                (user.empty() && password.empty() ? "" : "@");
        text += host.find(':') == std::string::npos ? host : "[" + host + "]";
        text += (port == 0 ? "" : ":" + std::to_string(port)) + "/" + percent_encoded(database);
    }
    std::string query = socket.empty() ? "" : "socket=" + socket;
    for (const auto& [name, value] : parameters) {
        query += (query.empty() ? "" : "&") + name + "=" + value;
    }
    return query.empty() ? text : text + "?" + query;
}

Url parse_url(std::string_view text)
{
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || colon == 0) {
        refuse("the database URL names no engine", std::string(forms));
    }
    std::string scheme(text.substr(0, colon));
    std::transform(scheme.begin(), scheme.end(), scheme.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    const Engine engine = engine_of(scheme);
    const std::string_view rest = text.substr(colon + 1);
    return engine == Engine::sqlite ? parse_sqlite(rest) : parse_server(engine, rest);
}

} // namespace sluice
