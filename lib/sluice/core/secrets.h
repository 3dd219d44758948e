#pragma once
// Passwords inside URLs: where they are kept, and that nobody sees them. One given on the command
// line must not stay in the process title, and no message may repeat one.

#include <string>
#include <string_view>

namespace sluice {

/// Text with the password of every URL in it replaced by "***".
[[nodiscard]] std::string without_passwords(std::string_view text);

/// Overwrites the passwords in the arguments as the operating system shows them (ps, /proc). To be
/// called before anything else, on copies already taken.
void hide_passwords(int argc, char** argv);

/// What stands in the environment variable of "env:NAME" or in the first line of "file:PATH"
/// (relative to `folder`, which is empty or ends in "/"); anything else as it is. `who` has its URL
/// there, for the message. Throws Error{usage}.
[[nodiscard]] std::string read_secret(const std::string& source, const std::string& folder,
                                      const std::string& who);

} // namespace sluice
