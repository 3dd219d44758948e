#pragma once
// Where an HTTP probe asks. Plain HTTP only. Private to throttle/.

#include <string>
#include <string_view>

namespace sluice {

struct ProbeUrl {
    std::string host;
    std::string port = "80";
    std::string target = "/"; ///< path and query

    /// As the header Host has it.
    [[nodiscard]] std::string authority() const;
};

/// Throws Error{usage}.
[[nodiscard]] ProbeUrl parse_probe_url(std::string_view text);

} // namespace sluice
