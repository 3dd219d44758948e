// When a cast gives the value that assigning would give, and when the server would raise or cut:
// exact tests. Regular expressions are anchored by \A and \z, which no session's
// default_regex_flags turns into the ends of a line.

#include "sluice/core/error.h"
#include "sluice/db/mysql/dialect.h"
#include "sluice/db/sql_text.h"
#include "sluice/db/type_text.h"

#include <algorithm>

namespace sluice {

namespace {

using Domain = std::optional<std::string>;

const Domain everywhere = "";

std::string matches(const std::string& e, const std::string& pattern)
{
    return e + " REGEXP '\\\\A" + pattern + "\\\\z'";
}

std::string guarded(const std::string& condition, const std::string& test)
{
    return "CASE WHEN " + condition + " THEN " + test + " ELSE FALSE END";
}

std::string as_decimal(const std::string& e, int scale)
{
    return "CAST(" + e + " AS DECIMAL(65," + std::to_string(scale) + "))";
}

/// A boolean is a TINYINT that holds 0 and 1 when it is converted to, any of its values when it is
/// converted from.
bool is_integral(const Type& type)
{
    return type.family == TypeFamily::integer || type.family == TypeFamily::boolean;
}

std::string in_range(const std::string& value, const Type& to)
{
    return to.family == TypeFamily::boolean
               ? value + " IN (0, 1)"
               : value + " BETWEEN " + lowest(to) + " AND " + highest(to);
}

/// An unsigned type refuses what is below zero even where it would be rounded to zero.
std::string signed_right(const std::string& number, const std::string& test, const Type& to)
{
    return to.is_unsigned ? "(" + number + " >= 0 AND " + test + ")" : test;
}

Domain integer_domain(const std::string& e, const Type& from, const Type& to)
{
    if (is_integral(from)) {
        const bool holds = to.family == TypeFamily::integer && holds_integer(to, from);
        return holds ? everywhere : in_range(e, to);
    }
    if (from.family == TypeFamily::decimal) {
        return signed_right(e, in_range("ROUND(" + e + ")", to), to);
    }
    if (from.family == TypeFamily::floating && to.family == TypeFamily::integer) {
        // Compared in floating point, where the highest value would round up by one.
        const std::string number = to.is_unsigned ? e : "ROUND(" + e + ")";
        return "(" + number + " >= " + lowest(to) + " AND ROUND(" + e + ") < " + above_highest(to) +
               "e0)";
    }
    if (from.family == TypeFamily::text) {
        return guarded(matches(e, "[-+]?0*[0-9]{1,20}"), in_range(as_decimal(e, 0), to));
    }
    return std::nullopt;
}

/// Does an exact number fit once it is rounded?
std::string fits(const std::string& number, const Type& decimal)
{
    const int scale = decimal.scale.value_or(0);
    const int whole = whole_digits(decimal);
    std::string limit = std::string(static_cast<std::size_t>(std::max(whole, 0)), '9');
    limit += limit.empty() ? "0" : "";
    limit += scale > 0 ? "." + std::string(static_cast<std::size_t>(scale), '9') : "";
    const std::string least = decimal.is_unsigned ? "0" : "-" + limit;
    const std::string test =
        "ROUND(" + number + ", " + std::to_string(scale) + ") BETWEEN " + least + " AND " + limit;
    return signed_right(number, test, decimal);
}

Domain decimal_domain(const std::string& e, const Type& from, const Type& to)
{
    const bool sign_fits = from.is_unsigned || !to.is_unsigned;
    if (is_integral(from)) {
        const bool holds = sign_fits && whole_digits(to) >= digits_of(from);
        return holds ? everywhere : fits(e, to);
    }
    if (from.family == TypeFamily::decimal) {
        return holds_decimal(to, from) ? everywhere : fits(e, to);
    }
    if (from.family == TypeFamily::floating) {
        return guarded("ABS(" + e + ") < 1e34", fits(as_decimal(e, 30), to));
    }
    if (from.family == TypeFamily::text) {
        const std::string number = "[-+]?(0*[0-9]{1,35}([.][0-9]{0,30})?|[.][0-9]{1,30})";
        return guarded(matches(e, number), fits(as_decimal(e, 30), to));
    }
    return std::nullopt;
}

Domain floating_domain(const std::string& e, const Type& from, const Type& to)
{
    if (to.is_unsigned || to.sql.find('(') != std::string::npos) {
        return std::nullopt; // old and deprecated ways to say decimal
    }
    const std::string in_single = "ABS(" + e + ") <= 3.402823466e38";
    if (is_integral(from)) {
        return everywhere;
    }
    if (from.family == TypeFamily::decimal) {
        return to.bits == 64 || whole_digits(from) <= 38 ? everywhere : in_single;
    }
    if (from.family == TypeFamily::floating) {
        return to.bits >= from.bits ? everywhere : in_single;
    }
    if (from.family == TypeFamily::text) {
        const std::string is_number =
            matches(e, "[-+]?([0-9]{1,200}([.][0-9]*)?|[.][0-9]+)([eE][-+]?[0-9]{1,2})?");
        const std::string as_double = "CAST(" + e + " AS DOUBLE)";
        return to.bits == 64 ? is_number
                             : guarded(is_number, "ABS(" + as_double + ") <= 3.402823466e38");
    }
    return std::nullopt;
}

/// Characters, or bytes for the types that are limited in bytes; nullopt: 4 GB.
std::optional<std::int64_t> capacity(const Type& type)
{
    if (type.sql == "tinytext" || type.sql == "tinyblob") {
        return 255;
    }
    if (type.sql == "text" || type.sql == "blob") {
        return 65'535;
    }
    if (type.sql == "mediumtext" || type.sql == "mediumblob") {
        return 16'777'215;
    }
    return type.length;
}

/// Bytes of the longest value; nullopt: 4 GB or unknown.
std::optional<std::int64_t> longest_bytes(const Type& from)
{
    if (from.family == TypeFamily::text && from.length) {
        return *from.length * 4;
    }
    if (from.family == TypeFamily::text || from.family == TypeFamily::bytes) {
        return capacity(from);
    }
    return longest_text(from);
}

Domain text_domain(const std::string& e, const Type& from, const Type& to)
{
    if (from.family == TypeFamily::bytes || from.family == TypeFamily::bits ||
        from.family == TypeFamily::timestamp_tz || from.family == TypeFamily::other) {
        return std::nullopt; // not text in any character set, or dependent on the session
    }
    const std::optional<std::int64_t> room = capacity(to);
    const bool in_characters = to.length.has_value();
    const std::optional<std::int64_t> longest =
        in_characters ? longest_text(from) : longest_bytes(from);
    if (!room || (longest && *longest <= *room)) {
        return everywhere;
    }
    const std::string length = in_characters ? "CHAR_LENGTH(CAST(" + e + " AS CHAR))"
                                             : "LENGTH(CONVERT(" + e + " USING utf8mb4))";
    return length + " <= " + std::to_string(*room);
}

Domain bytes_domain(const std::string& e, const Type& from, const Type& to)
{
    if (from.family != TypeFamily::bytes && from.family != TypeFamily::text) {
        return std::nullopt;
    }
    const std::optional<std::int64_t> room = capacity(to);
    const std::optional<std::int64_t> longest = longest_bytes(from);
    const bool holds = !room || (longest && *longest <= *room);
    return holds ? everywhere : Domain("LENGTH(" + e + ") <= " + std::to_string(*room));
}

/// By bytes: a value that matches only by collation would be stored with other letters.
Domain enumeration_domain(const std::string& e, const Type& from, const Type& to)
{
    if (from.family != TypeFamily::text && from.family != TypeFamily::enumeration) {
        return std::nullopt;
    }
    const std::size_t open = to.sql.find('(') + 1;
    const std::string values = to.sql.substr(open, to.sql.size() - open - 1);
    return "CONVERT(" + e + " USING utf8mb4) COLLATE utf8mb4_bin IN (" + values + ")";
}

/// Zero dates and dates with a zero in them exist in old tables; strict mode converts none.
std::string is_whole_date(const std::string& e)
{
    return "(MONTH(" + e + ") > 0 AND DAYOFMONTH(" + e + ") > 0)";
}

Domain uuid_domain(const std::string& e, const Type& from)
{
    return from.family == TypeFamily::text
               ? Domain(matches(e, "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"))
               : std::nullopt;
}

Domain same_family_domain(const Type& from, const Type& to)
{
    return from.family == to.family ? everywhere : std::nullopt;
}

} // namespace

std::optional<std::string> MysqlDialect::cast_domain(std::string_view expression, const Type& from,
                                                     const Type& to) const
{
    if (from.sql == to.sql) {
        return everywhere;
    }
    const std::string e = operand(expression, Engine::mysql);
    switch (to.family) {
    case TypeFamily::boolean:
    case TypeFamily::integer:
        return integer_domain(e, from, to);
    case TypeFamily::decimal:
        return decimal_domain(e, from, to);
    case TypeFamily::floating:
        return floating_domain(e, from, to);
    case TypeFamily::text:
        return text_domain(e, from, to);
    case TypeFamily::bytes:
        return bytes_domain(e, from, to);
    case TypeFamily::timestamp:
        return from.family == TypeFamily::date ? Domain(is_whole_date(e))
                                               : same_family_domain(from, to);
    case TypeFamily::date:
        return from.family == TypeFamily::timestamp ? Domain(is_whole_date(e)) : std::nullopt;
    case TypeFamily::time:
    case TypeFamily::timestamp_tz:
        return same_family_domain(from, to);
    case TypeFamily::uuid:
        return uuid_domain(e, from);
    case TypeFamily::json:
        return from.family == TypeFamily::text ? Domain("JSON_VALID(" + e + ")") : std::nullopt;
    case TypeFamily::enumeration:
        return enumeration_domain(e, from, to);
    case TypeFamily::interval:
    case TypeFamily::bits:
    case TypeFamily::other:
        return std::nullopt;
    }
    throw Error(ErrorKind::internal, "unknown type family");
}

} // namespace sluice
