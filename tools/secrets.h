#pragma once
// A password may be given on the command line, inside a URL. It must not stay in the process title,
// and no message may repeat it.

#include <string>
#include <string_view>

namespace sluice {

/// Text with the password of every URL in it replaced by "***".
[[nodiscard]] std::string without_passwords(std::string_view text);

/// Overwrites the passwords in the arguments as the operating system shows them (ps, /proc). To be
/// called before anything else, on copies already taken.
void hide_passwords(int argc, char** argv);

} // namespace sluice
