#pragma once
// What a column of a row says when nobody has said anything about it: its default, or NULL where it
// has none.

#include "sluice/db/dialect.h"

#include <string>

namespace sluice {

[[nodiscard]] std::string absent(const Dialect& dialect, const Column& column);
/// Boolean SQL, never NULL: is the value of this column another one than that?
[[nodiscard]] std::string says(const Dialect& dialect, const Column& column,
                               const std::string& value);

} // namespace sluice
