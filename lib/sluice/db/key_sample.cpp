#include "sluice/db/key_sample.h"

#include <fmt/format.h>

#include <cstdint>
#include <string>

namespace sluice {

namespace {

/// Rows of a page often have neighbouring keys, so that it is the number of pages that counts.
constexpr int pages_for_a_part = 20;
constexpr int rows_for_a_part = 10;

/// About `pages` of the table's pages, in percent; the same ones each time.
std::string sampled(const Dialect& dialect, const TableName& table, int pages)
{
    return fmt::format("{0} TABLESAMPLE SYSTEM (least(100, {1} / greatest(1, (SELECT "
                       "pg_relation_size({2}::regclass) / current_setting('block_size')::int)))) "
                       "REPEATABLE (1)",
                       dialect.quote(table), 100 * pages, dialect.literal(dialect.quote(table)));
}

std::uint64_t whole(const Column& column, const std::string& text)
{
    return column.type.is_unsigned ? std::stoull(text)
                                   : static_cast<std::uint64_t>(std::stoll(text));
}

std::string text_of(const Column& column, std::uint64_t value)
{
    return column.type.is_unsigned ? std::to_string(value)
                                   : std::to_string(static_cast<std::int64_t>(value));
}

} // namespace

std::optional<Statement> key_sample(const Dialect& dialect, const TableName& table,
                                    const std::vector<Column>& key, const KeyValues& last,
                                    int parts)
{
    if (dialect.server().engine != Engine::postgresql) {
        return std::nullopt;
    }
    std::string columns;
    std::string texts;
    for (const Column& column : key) {
        columns += (columns.empty() ? "" : ", ") + dialect.quote(column.name);
        texts += (texts.empty() ? "" : ", ") + dialect.key_text(column, "s");
    }
    Sql sql = dialect.sql();
    sql << fmt::format("SELECT {0} FROM (SELECT {1}, row_number() OVER (ORDER BY {1}) AS "
                       "sluice_number, count(*) OVER () AS sluice_all FROM {2} WHERE ",
                       texts, columns, sampled(dialect, table, parts * pages_for_a_part));
    dialect.key_upto(sql, key, last);
    sql << fmt::format(") s WHERE sluice_all >= {0} AND sluice_number < sluice_all AND "
                       "sluice_number * {1} / sluice_all > (sluice_number - 1) * {1} / sluice_all "
                       "ORDER BY sluice_number",
                       parts * rows_for_a_part, parts);
    return sql.take();
}

std::vector<KeyValues> spread_keys(const std::vector<Column>& key, const KeyValues& first,
                                   const KeyValues& last, int parts)
{
    if (key.size() != 1 || key[0].type.family != TypeFamily::integer) {
        return {};
    }
    // Modulo 2^64, where a distance has no sign.
    const std::uint64_t from = whole(key[0], first.at(0));
    const std::uint64_t step =
        (whole(key[0], last.at(0)) - from) / static_cast<std::uint64_t>(parts);
    std::vector<KeyValues> keys;
    for (int n = 1; n < parts && step > 0; ++n) {
        keys.push_back({text_of(key[0], from + step * static_cast<std::uint64_t>(n))});
    }
    return keys;
}

} // namespace sluice
