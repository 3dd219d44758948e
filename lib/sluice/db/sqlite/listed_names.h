#pragma once
// The names in a list as SQL writes it. Private to db/.

#include "sluice/db/tokens.h"

#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// The tokens that name the columns of "(a, b COLLATE nocase)".
[[nodiscard]] std::vector<Token> listed_columns(std::string_view list);
/// A name may stand in single quotes too.
[[nodiscard]] std::string name_in(const Token& token);
/// Are these the same, whatever their case?
[[nodiscard]] bool same_names(const std::vector<std::string>& a, const std::vector<std::string>& b);

} // namespace sluice
