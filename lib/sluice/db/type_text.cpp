#include "sluice/db/type_text.h"

#include "sluice/core/error.h"
#include "sluice/db/sql_text.h"
#include "sluice/db/tokens.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace sluice {

namespace {

[[noreturn]] void refuse(std::string_view sql)
{
    throw Error(ErrorKind::definition, "\"" + std::string(sql) + "\" is not a type",
                {.hint = "Write the type as in CREATE TABLE, for instance varchar(50)."});
}

struct Arguments {
    std::vector<std::string> values;
    std::size_t end = 0; ///< the index of the closing parenthesis
};

/// Reads "a, b)" from the token after the opening parenthesis.
Arguments read_arguments(const std::vector<Token>& tokens, std::size_t at, std::string_view sql)
{
    Arguments arguments;
    for (bool wants_value = true; at < tokens.size(); ++at, wants_value = !wants_value) {
        if (!wants_value && tokens[at].is_symbol(')')) {
            arguments.end = at;
            return arguments;
        }
        if (wants_value && tokens[at].is_symbol('-') && at + 1 < tokens.size()) {
            arguments.values.push_back("-" + tokens[++at].text);
        } else if (wants_value && tokens[at].kind != Token::Kind::symbol) {
            arguments.values.push_back(tokens[at].text);
        } else if (wants_value || !tokens[at].is_symbol(',')) {
            break;
        }
    }
    refuse(sql);
}

/// Accepts "[]" and "[3]", any number of them, up to the end.
bool is_array_suffix(const std::vector<Token>& tokens, std::size_t at)
{
    return tokens[at].is_symbol('[') && tokens.back().is_symbol(']') &&
           std::all_of(tokens.begin() + static_cast<std::ptrdiff_t>(at), tokens.end(),
                       [](const Token& token) {
                           return token.kind == Token::Kind::number || token.is_symbol('[') ||
                                  token.is_symbol(']');
                       });
}

constexpr std::array<int, 5> integer_bits{8, 16, 24, 32, 64};
constexpr std::array<std::string_view, 5> signed_limits{"128", "32768", "8388608", "2147483648",
                                                        "9223372036854775808"};
constexpr std::array<std::string_view, 5> unsigned_limits{"256", "65536", "16777216", "4294967296",
                                                          "18446744073709551616"};

std::string limit_of(const Type& integer)
{
    const auto found = std::find(integer_bits.begin(), integer_bits.end(), integer.bits);
    const auto n = found == integer_bits.end()
                       ? integer_bits.size() - 1
                       : static_cast<std::size_t>(found - integer_bits.begin());
    return std::string(integer.is_unsigned ? unsigned_limits[n] : signed_limits[n]);
}

} // namespace

TypeText read_type_text(std::string_view sql, Engine engine)
{
    const std::vector<Token> tokens = tokenize(sql, engine);
    if (tokens.empty() ||
        (tokens[0].kind != Token::Kind::word && tokens[0].kind != Token::Kind::name)) {
        refuse(sql);
    }
    TypeText type;
    for (std::size_t at = 0; at < tokens.size(); ++at) {
        const Token& token = tokens[at];
        if (token.kind == Token::Kind::word) {
            type.words += (type.words.empty() ? "" : " ") + lower_case(token.text);
        } else if (token.kind == Token::Kind::name) {
            type.is_plain = false;
        } else if (token.is_symbol('.') && at + 1 < tokens.size()) {
            type.is_plain = false;
        } else if (token.is_symbol('(') && type.arguments.empty()) {
            Arguments arguments = read_arguments(tokens, at + 1, sql);
            type.arguments = std::move(arguments.values);
            at = arguments.end;
        } else if (is_array_suffix(tokens, at)) {
            type.is_array = true;
            break;
        } else {
            refuse(sql);
        }
    }
    return type;
}

std::optional<int> number_argument(const TypeText& type, std::size_t n)
{
    if (n >= type.arguments.size()) {
        return std::nullopt;
    }
    const std::string& text = type.arguments[n];
    const std::size_t sign = text.rfind('-', 0) == 0 ? 1 : 0;
    const bool is_number = text.size() > sign && text.size() < 10 &&
                           std::all_of(text.begin() + static_cast<std::ptrdiff_t>(sign), text.end(),
                                       [](char c) { return c >= '0' && c <= '9'; });
    if (!is_number) {
        throw Error(ErrorKind::definition,
                    "\"" + text + "\" is not a length of type \"" + type.words + "\"",
                    {.hint = "Write a number in the parentheses."});
    }
    return std::stoi(text);
}

std::string with_arguments(std::string_view name, const TypeText& type)
{
    std::string list;
    for (const std::string& argument : type.arguments) {
        list += (list.empty() ? "(" : ",") + argument;
    }
    return std::string(name) + list + (list.empty() ? "" : ")");
}

std::string lowest(const Type& integer)
{
    return integer.is_unsigned ? "0" : "-" + limit_of(integer);
}

std::string highest(const Type& integer)
{
    std::string digits = limit_of(integer);
    --digits.back(); // no power of two ends in 0
    return digits;
}

std::string above_highest(const Type& integer)
{
    return limit_of(integer);
}

bool holds_integer(const Type& to, const Type& from)
{
    if (to.is_unsigned) {
        return from.is_unsigned && to.bits >= from.bits;
    }
    return from.is_unsigned ? to.bits > from.bits : to.bits >= from.bits;
}

int digits_of(const Type& integer)
{
    return static_cast<int>(highest(integer).size());
}

bool holds_decimal(const Type& to, const Type& from)
{
    if (to.is_unsigned && !from.is_unsigned) {
        return false;
    }
    if (!to.precision) {
        return true;
    }
    if (!from.precision) {
        return false;
    }
    // Rounding 999.9 to whole numbers takes one digit more.
    const bool rounds = to.scale.value_or(0) < from.scale.value_or(0);
    return whole_digits(to) >= whole_digits(from) + (rounds ? 1 : 0);
}

int whole_digits(const Type& decimal)
{
    return decimal.precision.value_or(0) - decimal.scale.value_or(0);
}

std::optional<std::int64_t> longest_text(const Type& type)
{
    switch (type.family) {
    case TypeFamily::boolean:
        return 5;
    case TypeFamily::integer:
        return digits_of(type) + 1;
    case TypeFamily::decimal:
        if (!type.precision || type.scale.value_or(0) < 0) {
            return std::nullopt;
        }
        // a sign, a point, and a zero before it
        return std::max(*type.precision, type.scale.value_or(0)) + 3;
    case TypeFamily::text:
        return type.length;
    case TypeFamily::uuid:
        return 36;
    case TypeFamily::floating:
    case TypeFamily::bytes:
    case TypeFamily::date:
    case TypeFamily::time:
    case TypeFamily::timestamp:
    case TypeFamily::timestamp_tz:
    case TypeFamily::interval:
    case TypeFamily::json:
    case TypeFamily::enumeration:
    case TypeFamily::bits:
    case TypeFamily::other:
        return std::nullopt;
    }
    return std::nullopt;
}

} // namespace sluice
