#include "sluice/throttle/probe_url.h"

#include "sluice/core/error.h"
#include "sluice/core/secrets.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice {

namespace {

[[noreturn]] void refuse_probe(std::string_view text, std::string hint)
{
    throw Error(
        ErrorKind::usage,
        fmt::format("expected a probe such as \"http://127.0.0.1:8080/check\", found \"{}\"",
                    without_passwords(text)),
        {.hint = std::move(hint)});
}

bool is_port(std::string_view text)
{
    return !text.empty() && text.size() <= 5 &&
           text.find_first_not_of("0123456789") == std::string_view::npos;
}

} // namespace

std::string ProbeUrl::authority() const
{
    const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
    return port == "80" ? name : name + ":" + port;
}

ProbeUrl parse_probe_url(std::string_view text)
{
    constexpr std::string_view scheme = "http://";
    if (text.starts_with("https://")) {
        refuse_probe(text, "A probe speaks plain HTTP: ask through a proxy on this machine, or "
                           "write commands = [\"curl -fsS https://…\"].");
    }
    const bool is_clean = std::none_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f;
    });
    if (!text.starts_with(scheme) || !is_clean) {
        refuse_probe(text, "It is an http:// URL without blanks.");
    }
    text.remove_prefix(scheme.size());
    const std::string_view place = text.substr(0, text.find_first_of("/?#"));
    const std::string_view target = text.substr(place.size(), text.find('#') - place.size());
    if (place.find('@') != std::string_view::npos) {
        refuse_probe("http://" + std::string(text), "It cannot hold a user.");
    }
    ProbeUrl url;
    const bool is_bracketed = place.starts_with('[');
    const std::size_t end = is_bracketed ? place.find(']') : place.find(':');
    url.host = is_bracketed ? place.substr(1, end - 1) : place.substr(0, end);
    const std::size_t rest = std::min(end, place.size()) + (is_bracketed ? 1 : 0);
    if (rest < place.size()) {
        url.port = place.substr(rest + 1);
    }
    const bool is_closed = end != std::string_view::npos || !is_bracketed;
    const bool has_rest = rest < place.size() && place[rest] != ':';
    if (url.host.empty() || !is_closed || has_rest || !is_port(url.port)) {
        refuse_probe("http://" + std::string(text), "It names a host, and a port if need be.");
    }
    if (!target.empty()) {
        url.target = target.starts_with('/') ? target : "/" + std::string(target);
    }
    return url;
}

} // namespace sluice
