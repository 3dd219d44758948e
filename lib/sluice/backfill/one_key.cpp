#include "sluice/backfill/one_key.h"

#include "sluice/backfill/keyset.h"
#include "sluice/backfill/work_sql.h"
#include "sluice/core/counted.h"
#include "sluice/core/error.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace sluice {

namespace {

std::string names_of(const Dialect& dialect, const std::vector<Column>& key)
{
    std::string names;
    for (const Column& column : key) {
        names += (names.empty() ? "" : ", ") + dialect.quote(column.name);
    }
    return names;
}

/// The key as the row of a relation whose columns have the types and collations of the table's own.
void append_row_of(Sql& sql, const Dialect& dialect, const BackfillWork& work,
                   const KeyValues& values)
{
    sql << "(SELECT " << names_of(dialect, work.key) << " FROM " << dialect.quote(work.table)
        << " WHERE 1 = 0 UNION ALL SELECT ";
    for (std::size_t n = 0; n < work.key.size(); ++n) {
        sql << (n == 0 ? "" : ", ");
        dialect.bind_key(sql, work.key[n], values.at(n));
    }
    // LIMIT: else SQLite compares the values in each half, where they have no column's type.
    sql << " LIMIT 1) AS sluice_typed";
}

} // namespace

std::string typed_key(std::string_view text, const std::vector<Column>& key)
{
    const auto json = nlohmann::json::parse(text, nullptr, false);
    KeyValues values;
    if (json.is_array()) {
        for (const auto& value : json) {
            values.push_back(value.is_string() ? value.get<std::string>() : value.dump());
        }
    } else {
        values.emplace_back(text);
    }
    if (values.empty()) {
        return {};
    }
    if (values.size() != key.size()) {
        throw Error(
            ErrorKind::usage,
            fmt::format("\"{}\" is no key of {}", text,
                        counted(static_cast<std::int64_t>(key.size()), "column")),
            {.hint = "`sluice show` prints keys as they are to be typed: '[\"7\",\"a\"]'."});
    }
    return encode_key(values);
}

std::optional<std::string> key_between(Session& session, const BackfillWork& work,
                                       std::string_view key, const KeyBounds& bounds)
{
    const Dialect& dialect = session.dialect();
    Sql sql = dialect.sql();
    sql << "SELECT " << select_key(dialect, work.key) << " FROM ";
    append_row_of(sql, dialect, work, decode_key(key));
    sql << " WHERE ";
    append_range(sql, dialect, work.key, decode_key(bounds.after), decode_key(bounds.upto));
    try {
        const auto found = read_key(session.query(sql.take()), work.key);
        return found ? std::optional(encode_key(*found)) : std::nullopt;
    } catch (const Error& error) {
        if (error.kind != ErrorKind::sql) {
            throw;
        }
        throw Error(ErrorKind::usage, fmt::format("{} is no key of table \"{}\": {}", key,
                                                  display(work.table), error.message));
    }
}

std::int64_t work_on_key(Session& session, const BackfillWork& work, std::string_view key)
{
    const Dialect& dialect = session.dialect();
    const WorkSql pieces = work_sql(dialect, work);
    const KeyValues values = decode_key(key);
    Sql sql = dialect.sql();
    sql << pieces.before << " WHERE ";
    for (std::size_t n = 0; n < work.key.size(); ++n) {
        sql << (n == 0 ? "" : " AND ") << dialect.quote(work.table) << "."
            << dialect.quote(work.key[n].name) << " = ";
        dialect.bind_key(sql, work.key[n], values.at(n));
    }
    sql << pieces.after;
    return session.execute(sql.take());
}

} // namespace sluice
