// A CAST on SQLite never raises: it makes 0 of 'abc'. And a column may hold a value of any storage
// class, whatever its type says. So the tests look at the values: true where storing the value in
// a column of the type would turn it into what CAST gives.

#include "sluice/core/error.h"
#include "sluice/db/sql_text.h"
#include "sluice/db/sqlite/affinity.h"
#include "sluice/db/sqlite/dialect.h"

namespace sluice {

namespace {

using Domain = std::optional<std::string>;

const Domain everywhere = "";

/// By storage class; BLOB and NULL are never right.
std::string by_class(const std::string& e, const std::string& integer, const std::string& real,
                     const std::string& text)
{
    return "CASE typeof(" + e + ") WHEN 'integer' THEN " + integer + " WHEN 'real' THEN " + real +
           " WHEN 'text' THEN " + text + " ELSE 0 END";
}

/// An optional sign and digits, at least one.
std::string is_integer_text(const std::string& e)
{
    return e + " GLOB '[-+0-9]*' AND substr(" + e + ", 2) NOT GLOB '*[^0-9]*' AND " + e +
           " GLOB '*[0-9]'";
}

/// An optional sign, digits, and at most one point; at least one digit.
std::string is_decimal_text(const std::string& e)
{
    return e + " GLOB '[-+.0-9]*' AND substr(" + e + ", 2) NOT GLOB '*[^.0-9]*' AND " + e +
           " NOT GLOB '*.*.*' AND " + e + " GLOB '*[0-9]*'";
}

std::string integer_domain(const std::string& e, const Type& from)
{
    if (from.family == TypeFamily::integer) {
        return "typeof(" + e + ") = 'integer'";
    }
    return by_class(e, "1", e + " = CAST(" + e + " AS INTEGER)",
                    is_integer_text(e) + " AND typeof(CAST(" + e + " AS NUMERIC)) = 'integer'");
}

std::string boolean_domain(const std::string& e)
{
    return by_class(e, e + " IN (0, 1)", e + " IN (0.0, 1.0)", e + " IN ('0', '1')");
}

std::string decimal_domain(const std::string& e)
{
    return by_class(e, "1", "1", is_decimal_text(e));
}

/// A number as JSON writes it is one with or without an exponent.
std::string floating_domain(const std::string& e)
{
    return by_class(e, "1", "1",
                    "(" + is_decimal_text(e) + " OR " + e + " GLOB '[-0-9]*' AND json_valid(" + e +
                        "))");
}

Domain kept_as_it_is(const Type& from, const Type& to)
{
    return from.family == to.family ? everywhere : std::nullopt;
}

} // namespace

std::optional<std::string> SqliteDialect::cast_domain(std::string_view expression, const Type& from,
                                                      const Type& to) const
{
    if (from.sql == to.sql) {
        return everywhere;
    }
    const std::string e = operand(expression, Engine::sqlite);
    switch (to.family) {
    case TypeFamily::boolean:
        return boolean_domain(e);
    case TypeFamily::integer:
        return integer_domain(e, from);
    case TypeFamily::decimal:
        return decimal_domain(e);
    case TypeFamily::floating:
        return floating_domain(e);
    case TypeFamily::text:
        // Lengths are not held by SQLite, so they are not tested.
        return "typeof(" + e + ") <> 'blob'";
    case TypeFamily::bytes:
        return affinity_of(to.sql) == Affinity::blob ? everywhere : std::nullopt;
    case TypeFamily::timestamp:
        return from.family == TypeFamily::date ? everywhere : kept_as_it_is(from, to);
    case TypeFamily::json:
        return from.family == TypeFamily::text ? Domain("json_valid(" + e + ")")
                                               : kept_as_it_is(from, to);
    case TypeFamily::date:
    case TypeFamily::time:
    case TypeFamily::timestamp_tz:
    case TypeFamily::uuid:
        return kept_as_it_is(from, to);
    case TypeFamily::interval:
    case TypeFamily::enumeration:
    case TypeFamily::bits:
    case TypeFamily::other:
        return std::nullopt;
    }
    throw Error(ErrorKind::internal, "unknown type family");
}

} // namespace sluice
