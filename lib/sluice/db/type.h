#pragma once
// A column's type: the exact text for DDL, and the little that the planner needs to know about it.

#include <cstdint>
#include <optional>
#include <string>

namespace sluice {

enum class TypeFamily {
    boolean,
    integer,
    decimal,
    floating,
    text,
    bytes,
    date,
    time,
    timestamp,    ///< without a time zone (MySQL DATETIME too)
    timestamp_tz, ///< PostgreSQL timestamptz, MySQL TIMESTAMP
    interval,
    uuid,
    json,
    enumeration,
    bits,
    other,
};

struct Type {
    std::string sql; ///< as the engine writes it in DDL, without NULL-ness, default, collation
    TypeFamily family = TypeFamily::other;
    int bits = 0;                       ///< integer: 8, 16, 24, 32, 64
    bool is_unsigned = false;           ///< MySQL
    std::optional<std::int64_t> length; ///< text, bytes: characters or bytes; nullopt: unbounded
    std::optional<int> precision;       ///< decimal: digits; temporal: fractional digits
    std::optional<int> scale;           ///< decimal

    friend bool operator==(const Type&, const Type&) = default;
};

} // namespace sluice
