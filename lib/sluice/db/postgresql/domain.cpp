// When a cast gives the value that assigning would give, and when it raises: exact tests, written
// so that no order of evaluation can raise in the test itself (CASE holds its order). NaN sorts
// above every number, so that a range leaves it out.

#include "sluice/core/error.h"
#include "sluice/db/postgresql/dialect.h"
#include "sluice/db/sql_text.h"
#include "sluice/db/type_text.h"

namespace sluice {

namespace {

using Domain = std::optional<std::string>;

const Domain everywhere = "";

std::string as_text(std::string_view e)
{
    return "CAST(" + std::string(e) + " AS text)";
}

std::string as_numeric(std::string_view e)
{
    return "CAST(" + std::string(e) + " AS numeric)";
}

std::string between(const std::string& value, const Type& integer)
{
    return value + " BETWEEN " + lowest(integer) + " AND " + highest(integer);
}

std::string guarded(const std::string& condition, const std::string& test)
{
    return "CASE WHEN " + condition + " THEN " + test + " ELSE false END";
}

std::string either(const std::string& a, const std::string& b)
{
    return "(" + a + " OR " + b + ")";
}

/// Does a numeric fit once it is rounded? Infinity never does.
std::string fits(const std::string& numeric, const Type& decimal)
{
    return "abs(round(" + numeric + ", " + std::to_string(decimal.scale.value_or(0)) + ")) < 1e" +
           std::to_string(whole_digits(decimal));
}

/// Neither overflow nor underflow, both of which raise.
std::string fits_floating(const std::string& number, const Type& floating)
{
    const std::string range =
        floating.bits == 32 ? "1.4e-45 AND 3.4028235e38" : "5e-324 AND 1.7976931348623157e308";
    return either(number + " = 0", "abs(" + number + ") BETWEEN " + range);
}

Domain integer_domain(const std::string& e, const Type& from, const Type& to)
{
    if (from.family == TypeFamily::boolean && to.bits == 32) {
        return everywhere; // the server casts to integer and to no other width
    }
    if (from.family == TypeFamily::integer) {
        return holds_integer(to, from) ? everywhere : between(e, to);
    }
    if (from.family == TypeFamily::decimal) {
        return between("round(" + e + ")", to);
    }
    if (from.family == TypeFamily::floating) {
        return "(round(" + e + ") >= " + lowest(to) + " AND round(" + e + ") < " +
               above_highest(to) + ")";
    }
    if (from.family == TypeFamily::text) {
        return guarded(as_text(e) + " ~ '^[-+]?0*[0-9]{1,19}$'",
                       between(as_numeric(as_text(e)), to));
    }
    return std::nullopt;
}

/// A number without an exponent, of a length that no numeric overflows with.
std::string is_decimal_text(const std::string& e)
{
    return as_text(e) + " ~ '^[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)$' AND char_length(" + as_text(e) +
           ") <= 1000";
}

Domain decimal_domain(const std::string& e, const Type& from, const Type& to)
{
    if (from.family == TypeFamily::integer) {
        const bool holds = !to.precision || whole_digits(to) >= digits_of(from);
        return holds ? everywhere : fits(as_numeric(e), to);
    }
    if (from.family == TypeFamily::decimal) {
        return holds_decimal(to, from) ? everywhere : either(e + " = 'NaN'", fits(e, to));
    }
    if (from.family == TypeFamily::floating) {
        const std::string is_finite = e + " NOT IN ('Infinity', '-Infinity')";
        return to.precision ? either(e + " = 'NaN'", guarded(is_finite, fits(as_numeric(e), to)))
                            : is_finite;
    }
    if (from.family == TypeFamily::text) {
        return to.precision ? guarded(is_decimal_text(e), fits(as_numeric(as_text(e)), to))
                            : "(" + is_decimal_text(e) + ")";
    }
    return std::nullopt;
}

Domain floating_domain(const std::string& e, const Type& from, const Type& to, int version)
{
    const bool is_widening = from.family == TypeFamily::floating && to.bits >= from.bits;
    if (from.family == TypeFamily::integer || is_widening) {
        return everywhere;
    }
    if (from.family == TypeFamily::floating) {
        return either(e + " IN ('NaN', 'Infinity', '-Infinity')", fits_floating(e, to));
    }
    if (from.family == TypeFamily::decimal) {
        const bool has_infinity = version >= 140000;
        return either(e + (has_infinity ? " IN ('NaN', 'Infinity', '-Infinity')" : " = 'NaN'"),
                      fits_floating(e, to));
    }
    if (from.family == TypeFamily::text) {
        const std::string is_number =
            as_text(e) + " ~ '^[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]{1,3})?$'" +
            " AND char_length(" + as_text(e) + ") <= 1000";
        return guarded(is_number, fits_floating(as_numeric(as_text(e)), to));
    }
    return std::nullopt;
}

Domain text_domain(const std::string& e, const Type& from, const Type& to)
{
    if (from.family == TypeFamily::timestamp_tz) {
        return std::nullopt; // its text depends on the time zone of the session that asks
    }
    const std::optional<std::int64_t> longest = longest_text(from);
    if (!to.length || (longest && *longest <= *to.length)) {
        return everywhere;
    }
    return "char_length(" + as_text(e) + ") <= " + std::to_string(*to.length);
}

Domain boolean_domain(const std::string& e, const Type& from)
{
    if (from.family == TypeFamily::integer && from.bits == 32) {
        return e + " IN (0, 1)";
    }
    if (from.family == TypeFamily::text) {
        return as_text(e) +
               " ~* '^(t|tr|tru|true|f|fa|fal|fals|false|y|ye|yes|n|no|on|of|off|0|1)$'";
    }
    return std::nullopt;
}

Domain uuid_domain(const std::string& e, const Type& from)
{
    const std::string uuid = "([0-9a-fA-F]{4}-?){7}[0-9a-fA-F]{4}";
    return from.family == TypeFamily::text
               ? Domain(as_text(e) + " ~ '^(" + uuid + "|[{]" + uuid + "[}])$'")
               : std::nullopt;
}

Domain timestamp_domain(const std::string& e, const Type& from)
{
    if (from.family == TypeFamily::date) {
        // A date reaches further than a timestamp does.
        return either("NOT isfinite(" + e + ")", e + " < DATE '294277-01-01'");
    }
    return from.family == TypeFamily::timestamp ? everywhere : std::nullopt;
}

Domain same_family_domain(const Type& from, const Type& to)
{
    return from.family == to.family ? everywhere : std::nullopt;
}

} // namespace

std::optional<std::string> PostgresqlDialect::cast_domain(std::string_view expression,
                                                          const Type& from, const Type& to) const
{
    if (from.sql == to.sql) {
        return everywhere;
    }
    const std::string e = operand(expression, Engine::postgresql);
    switch (to.family) {
    case TypeFamily::boolean:
        return boolean_domain(e, from);
    case TypeFamily::integer:
        return integer_domain(e, from, to);
    case TypeFamily::decimal:
        return decimal_domain(e, from, to);
    case TypeFamily::floating:
        return floating_domain(e, from, to, server().version);
    case TypeFamily::text:
        return text_domain(e, from, to);
    case TypeFamily::uuid:
        return uuid_domain(e, from);
    case TypeFamily::timestamp:
        return timestamp_domain(e, from);
    case TypeFamily::date:
        return from.family == TypeFamily::timestamp ? everywhere : std::nullopt;
    case TypeFamily::time:
    case TypeFamily::timestamp_tz:
        return same_family_domain(from, to);
    case TypeFamily::json:
        return from.sql == "jsonb" ? everywhere : std::nullopt;
    case TypeFamily::bytes:
    case TypeFamily::interval:
    case TypeFamily::enumeration:
    case TypeFamily::bits:
    case TypeFamily::other:
        return std::nullopt;
    }
    throw Error(ErrorKind::internal, "unknown type family");
}

} // namespace sluice
