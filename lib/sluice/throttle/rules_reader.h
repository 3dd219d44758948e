#pragma once
// The reader of [throttle], and the checks of form that all ways to write a rule share. Private:
// it shows toml++.

#include "sluice/migration/section.h"
#include "sluice/throttle/rules.h"

#include <string>
#include <string_view>

namespace sluice {

/// Throws Error{definition} with file, line, column and the nearest key.
[[nodiscard]] Rules read_rules(const Section& section);

/// How the limit that holds is called in a table: "max", or "min" where the trouble is below it.
[[nodiscard]] std::string_view limit_name(Side side);

// Each throws Error{usage} for what cannot be such a thing.
void check_limits(const SignalKind& kind, const Limits& limits);
void check_replica(const std::string& source);
void check_probe(const std::string& url);
void check_flag_file(const std::string& path);
void check_command(const std::string& command);

} // namespace sluice
