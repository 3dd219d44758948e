// The batch as one statement. The fence is a locked read of the range's row: another worker, or one
// that took the range over, waits there and is held against the row's newest version, so a fenced
// worker writes nothing. The work is driven by what the fence returned, and the range's row is
// written once, last, with the number of rows that the work changed.
//
// Every name that this statement adds begins with "sluice_": the user's expressions stand inside
// it.

#include "sluice/backfill/batch.h"
#include "sluice/backfill/keyset.h"
#include "sluice/backfill/work_sql.h"

#include <fmt/format.h>

#include <string_view>

namespace sluice {

namespace {

std::string high(std::size_t n)
{
    return fmt::format("sluice_high_{}", n + 1);
}

std::string high_list(const std::vector<Column>& key)
{
    std::string list;
    for (std::size_t n = 0; n < key.size(); ++n) {
        list += (n == 0 ? "" : ", ") + high(n);
    }
    return list;
}

/// sluice_bound: the key of the n-th row after the cursor; no row where fewer are left.
void append_bound(Sql& sql, const Dialect& dialect, const BackfillWork& work,
                  const BatchRequest& request)
{
    sql << "sluice_bound AS MATERIALIZED (SELECT ";
    for (std::size_t n = 0; n < work.key.size(); ++n) {
        sql << (n == 0 ? "" : ", ") << dialect.quote(work.key[n].name) << " AS " << high(n);
    }
    sql << " FROM " << dialect.quote(work.table) << " WHERE ";
    append_range(sql, dialect, work.key, decode_key(request.cursor), decode_key(request.upper));
    sql << " ORDER BY " << order_by_key(dialect, work.table, work.key)
        << fmt::format(" LIMIT 1 OFFSET {})", request.rows - 1);
}

/// sluice_end: where this batch ends and how many rows that is; at the end, the upper bound.
void append_end(Sql& sql, const Dialect& dialect, const BackfillWork& work,
                const BatchRequest& request)
{
    const KeyValues upper = decode_key(request.upper);
    sql << ", sluice_end AS MATERIALIZED (SELECT " << high_list(work.key)
        << fmt::format(", {} AS sluice_rows, 0 AS sluice_last FROM sluice_bound", request.rows)
        << " UNION ALL SELECT ";
    for (std::size_t n = 0; n < work.key.size(); ++n) {
        sql << (n == 0 ? "" : ", ");
        dialect.bind_key(sql, work.key[n], upper.at(n));
    }
    sql << ", (SELECT count(*) FROM " << dialect.quote(work.table) << " WHERE ";
    append_range(sql, dialect, work.key, decode_key(request.cursor), upper);
    sql << "), 1 WHERE NOT EXISTS (SELECT 1 FROM sluice_bound))";
}

/// sluice_fence: the end again, if the range is ours and wanted; its row is locked from here on.
void append_fence(Sql& sql, const Dialect& dialect, const BatchRequest& request)
{
    sql << ", sluice_fence AS MATERIALIZED (SELECT sluice_end.* FROM "
        << dialect.state_table("range") << " AS sluice_range, sluice_end WHERE ";
    append_fence_conditions(sql, dialect, "sluice_range.", request);
    sql << " FOR UPDATE OF sluice_range)";
}

/// The end is asked for by subqueries, which are values to the server before it begins to read. As
/// a join, a prepared plan made without statistics of a new column (measured) read the rest of the
/// table for each batch.
void append_work(Sql& sql, const Dialect& dialect, const BackfillWork& work,
                 const BatchRequest& request)
{
    const WorkSql pieces = work_sql(dialect, work);
    const KeyValues after = decode_key(request.cursor);
    sql << ", sluice_work AS (" << pieces.before << " WHERE ";
    if (!after.empty()) {
        dialect.key_after(sql, work.key, after);
        sql << " AND ";
    }
    std::string columns;
    std::string highs;
    for (std::size_t n = 0; n < work.key.size(); ++n) {
        columns += (n == 0 ? "" : ", ") + dialect.quote(work.table) + "." +
                   dialect.quote(work.key[n].name);
        highs += fmt::format("{}(SELECT {} FROM sluice_fence)", n == 0 ? "" : ", ", high(n));
    }
    sql << (work.key.size() > 1 ? fmt::format("({}) <= ({})", columns, highs)
                                : fmt::format("{} <= {}", columns, highs))
        << pieces.after << " RETURNING 1)";
}

/// sluice_advance: cursor, lease and counters in one write.
void append_advance(Sql& sql, const Dialect& dialect, const BackfillWork& work,
                    const BatchRequest& request)
{
    std::vector<std::string> texts;
    for (std::size_t n = 0; n < work.key.size(); ++n) {
        Column column = work.key[n];
        column.name = high(n);
        texts.push_back(dialect.key_text(column));
    }
    // At the end the cursor is the upper bound to the letter: that is how the end is known again.
    sql << ", sluice_count AS (SELECT count(*) AS sluice_changed FROM sluice_work)"
        << ", sluice_advance AS (UPDATE " << dialect.state_table("range")
        << " AS sluice_range SET cursor_key = CASE WHEN sluice_last = 1 THEN ";
    sql.bind(std::string_view(request.upper)) << " ELSE " << dialect.json_array(texts);
    sql << " END, lease_expires = " << dialect.now(request.lease)
        << ", rows_scanned = rows_scanned + sluice_rows, rows_changed = rows_changed + "
           "sluice_changed, batches = batches + 1 FROM sluice_fence, sluice_count WHERE run = ";
    sql.bind(static_cast<long long>(request.held.run)) << " AND ordinal = ";
    sql.bind(static_cast<long long>(request.held.ordinal))
        << " RETURNING cursor_key, sluice_rows, sluice_changed, sluice_last)";
}

} // namespace

Statement batch_statement(const Dialect& dialect, const BackfillWork& work,
                          const BatchRequest& request)
{
    Sql sql = dialect.sql();
    sql << "WITH ";
    append_bound(sql, dialect, work, request);
    append_end(sql, dialect, work, request);
    append_fence(sql, dialect, request);
    append_work(sql, dialect, work, request);
    append_advance(sql, dialect, work, request);
    sql << " SELECT cursor_key, sluice_rows, sluice_changed, sluice_last, " << pace_columns
        << " FROM " << dialect.state_table("run")
        << " LEFT JOIN sluice_advance ON TRUE WHERE id = ";
    sql.bind(static_cast<long long>(request.held.run));
    return sql.take();
}

} // namespace sluice
