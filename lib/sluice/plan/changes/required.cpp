#include "sluice/plan/changes/required.h"

#include "sluice/db/tokens.h"
#include "sluice/plan/lookup.h"

#include <fmt/format.h>

namespace sluice {
namespace {

/// A constant that a column of this type accepts, until a trigger writes over it.
std::optional<std::string> placeholder(const Type& type, const Dialect& dialect)
{
    switch (type.family) {
    case TypeFamily::boolean:
    case TypeFamily::integer:
    case TypeFamily::decimal:
    case TypeFamily::floating:
    case TypeFamily::bits:
        return "0";
    case TypeFamily::text:
    case TypeFamily::bytes:
        return dialect.literal("");
    case TypeFamily::date:
        return dialect.literal("1970-01-02");
    case TypeFamily::time:
        return dialect.literal("00:00:00");
    case TypeFamily::timestamp:
    case TypeFamily::timestamp_tz:
        return dialect.literal("1970-01-02 00:00:00");
    case TypeFamily::uuid:
        return dialect.literal("00000000-0000-0000-0000-000000000000");
    case TypeFamily::json:
        return dialect.literal("null");
    case TypeFamily::enumeration:
        for (const Token& token : tokenize(type.sql, dialect.server().engine)) {
            if (token.kind == Token::Kind::string) {
                return token.text;
            }
        }
        return std::nullopt;
    case TypeFamily::interval:
    case TypeFamily::other:
        return std::nullopt;
    }
    return std::nullopt;
}

} // namespace

std::vector<Alteration> made_optional(const Column& old, const Site& site)
{
    if (old.nullable || old.default_sql) {
        return {};
    }
    switch (site.dialect.capabilities().required_column) {
    case RequiredColumn::filled_by_trigger:
        return {};
    case RequiredColumn::must_be_nullable:
        return {SetNullability{site.table.name, old, Nullability::nullable}};
    case RequiredColumn::needs_default:
        break;
    }
    const auto value = placeholder(old.type, site.dialect);
    if (!value) {
        refuse_at(site.location,
                  fmt::format("column \"{}\" is NOT NULL without a default, and there is no value "
                              "of type {} to put there until the triggers have filled it",
                              old.name, old.type.sql),
                  fmt::format("Give it a default in an earlier migration: ALTER TABLE {} ALTER "
                              "COLUMN {} SET DEFAULT …",
                              site.dialect.quote(site.table.name), site.dialect.quote(old.name)));
    }
    return {SetDefault{site.table.name, old, std::nullopt, *value}};
}

bool fills_too_late(const Dialect& dialect)
{
    return dialect.capabilities().required_column == RequiredColumn::must_be_nullable;
}

} // namespace sluice
