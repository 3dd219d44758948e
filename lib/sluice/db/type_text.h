#pragma once
// What the engines' type parsers share: a type's text split into its words and arguments, and the
// ranges that numbers of a type have. Private to db/.

#include "sluice/db/type.h"
#include "sluice/db/url.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

struct TypeText {
    std::string words;                  ///< lower case, joined by one space, without the arguments
    std::vector<std::string> arguments; ///< as written: numbers, the values of an enumeration
    bool is_array = false;
    bool is_plain = true; ///< nothing quoted, no schema
};

/// "timestamp(3) with time zone" gives the words "timestamp with time zone" and the argument "3".
/// Throws Error{definition} where the text cannot be a type in any engine.
[[nodiscard]] TypeText read_type_text(std::string_view sql, Engine engine);

/// The argument as a number; nullopt if there is none. Throws Error{definition} if it is no number.
[[nodiscard]] std::optional<int> number_argument(const TypeText& type, std::size_t n);

/// "name", "name(1)" or "name(1,2)"
[[nodiscard]] std::string with_arguments(std::string_view name, const TypeText& type);

/// The range of an integer type, as SQL numbers. A boolean that is an integer counts as 8 bits.
[[nodiscard]] std::string lowest(const Type& integer);
[[nodiscard]] std::string highest(const Type& integer);
/// One more than highest(), for comparisons in floating point, where highest() may round up to it.
[[nodiscard]] std::string above_highest(const Type& integer);
/// Does every value of `from` fit in `to`?
[[nodiscard]] bool holds_integer(const Type& to, const Type& from);
/// Decimal digits of the longest value, without the sign.
[[nodiscard]] int digits_of(const Type& integer);
/// Does every value of `from`, rounded to the scale of `to`, fit in `to`? An unbounded decimal
/// holds all and fits only another.
[[nodiscard]] bool holds_decimal(const Type& to, const Type& from);
/// Digits before the point: precision - scale.
[[nodiscard]] int whole_digits(const Type& decimal);
/// Characters of the longest text that a value turns into; nullopt: unbounded or unknown.
[[nodiscard]] std::optional<std::int64_t> longest_text(const Type& type);

} // namespace sluice
