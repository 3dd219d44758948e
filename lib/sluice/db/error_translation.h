#pragma once
// From what a server or a client library said to an Error. Private to db/: nothing to its right
// knows an error code of any engine.

#include "sluice/core/error.h"
#include "sluice/db/url.h"

#include <string>
#include <string_view>

namespace sluice {

// Cause::constraint is whatever one row's values bring about and another's do not: a constraint, a
// value that a type cannot hold, a conversion or a function that has no result, a trigger that
// refuses.

[[nodiscard]] Cause cause_of_sqlstate(std::string_view sqlstate); ///< PostgreSQL
[[nodiscard]] Cause cause_of_mysql(int code, std::string_view message);
[[nodiscard]] Cause cause_of_sqlite(int extended_code, std::string_view message);

/// A server's sentence in the style of ours: first letter small unless it is an abbreviation, no
/// full stop, no line break at the end.
[[nodiscard]] std::string tidy(std::string_view server_message);

/// Why the connection could not be opened: where to, as whom (never with what password), what the
/// server said, and what to try.
[[nodiscard]] Error connection_failure(const Url& url, std::string_view server_message,
                                       int native_code);

/// The session set `setting` and the server shows another value.
[[nodiscard]] Error setting_refused(std::string_view setting, std::string_view wanted,
                                    std::string_view found);

/// A COMMIT of a transaction that an earlier error had ended already.
[[nodiscard]] Error nothing_committed();

} // namespace sluice
