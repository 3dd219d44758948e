#include "sluice/backfill/batch.h"

#include "sluice/backfill/keyset.h"
#include "sluice/backfill/work_sql.h"
#include "sluice/core/error.h"
#include "sluice/db/transaction.h"

#include <fmt/format.h>

#include <string_view>

namespace sluice {

namespace {

std::int64_t number(const Value& value)
{
    return value ? std::stoll(*value) : 0;
}

/// Where a batch ends, found before anything is locked, and the pace of its run.
struct Bound {
    KeyValues upto;
    std::string cursor; ///< encoded
    std::int64_t rows = 0;
    bool is_last = false;
    Pace pace;
};

/// One query for both: every round trip is paid for in each batch.
Rows bound_and_pace(Session& session, const BackfillWork& work, const BatchRequest& request)
{
    const Dialect& dialect = session.dialect();
    Sql sql = dialect.sql();
    sql << "SELECT sluice_bound.*, " << pace_columns << " FROM " << dialect.state_table("run")
        << " LEFT JOIN (SELECT " << select_key(dialect, work.key) << " FROM "
        << dialect.quote(work.table) << " WHERE ";
    append_range(sql, dialect, work.key, decode_key(request.cursor), decode_key(request.upper));
    sql << " ORDER BY " << order_by_key(dialect, work.table, work.key)
        << fmt::format(" LIMIT 1 OFFSET {}) AS sluice_bound ON 1 = 1 WHERE id = ",
                       request.rows - 1);
    sql.bind(static_cast<long long>(request.held.run));
    return session.query(sql.take());
}

Bound find_bound(Session& session, const BackfillWork& work, const BatchRequest& request)
{
    const Rows found = bound_and_pace(session, work, request);
    if (found.empty()) {
        throw Error(ErrorKind::usage, fmt::format("there is no run {}", request.held.run));
    }
    const Pace pace = pace_from(found[0], work.key.size());
    if (found[0][0]) {
        const KeyValues upto = read_key(found, work.key).value();
        return {.upto = upto, .cursor = encode_key(upto), .rows = request.rows, .pace = pace};
    }
    const Dialect& dialect = session.dialect();
    const KeyValues upper = decode_key(request.upper);
    Sql count = dialect.sql();
    count << "SELECT count(*) FROM " << dialect.quote(work.table) << " WHERE ";
    append_range(count, dialect, work.key, decode_key(request.cursor), upper);
    return {.upto = upper,
            .cursor = request.upper,
            .rows = number(session.query(count.take())[0][0]),
            .is_last = true,
            .pace = pace};
}

std::int64_t change_rows(Session& session, const BackfillWork& work, const BatchRequest& request,
                         const Bound& bound)
{
    const Dialect& dialect = session.dialect();
    const KeyValues after = decode_key(request.cursor);
    if (const std::string lock = dialect.lock_work_rows(); !lock.empty()) {
        Sql sql = dialect.sql();
        sql << "SELECT " << select_key(dialect, work.key) << " FROM " << dialect.quote(work.table)
            << " WHERE ";
        append_range(sql, dialect, work.key, after, bound.upto);
        sql << and_needs_work(work) << " ORDER BY " << order_by_key(dialect, work.table, work.key)
            << " " << lock;
        (void)session.query(sql.take());
    }
    const WorkSql pieces = work_sql(dialect, work);
    Sql sql = dialect.sql();
    sql << pieces.before << " WHERE ";
    append_range(sql, dialect, work.key, after, bound.upto);
    sql << pieces.after;
    return session.execute(sql.take());
}

Pace query_pace(Session& session, std::int64_t run)
{
    const Dialect& dialect = session.dialect();
    Sql sql = dialect.sql();
    sql << "SELECT " << pace_columns << " FROM " << dialect.state_table("run") << " WHERE id = ";
    sql.bind(static_cast<long long>(run));
    const Rows rows = session.query(sql.take());
    return rows.empty() ? Pace{} : pace_from(rows[0], 0);
}

BatchResult run_steps(Session& session, const BackfillWork& work, const BatchRequest& request)
{
    Transaction transaction(session);
    if (request.has_begun) {
        request.has_begun();
    }
    const Bound bound = find_bound(session, work, request);
    // That every row will be changed is counted beforehand, because it is what mostly happens.
    if (!pass_fence(session, request, {bound.cursor, bound.rows, bound.rows})) {
        return {.end = BatchEnd::stopped, .cursor = request.cursor};
    }
    const std::int64_t changed = change_rows(session, work, request, bound);
    correct_changed(session, request.held, changed - bound.rows);
    transaction.commit();
    return {.end = bound.is_last ? BatchEnd::finished : BatchEnd::advanced,
            .cursor = bound.cursor,
            .rows_scanned = bound.rows,
            .rows_changed = changed,
            .pace = bound.pace};
}

BatchResult run_one_statement(Session& session, const BackfillWork& work,
                              const BatchRequest& request)
{
    const Rows rows = session.query(batch_statement(session.dialect(), work, request));
    if (rows.empty() || !rows[0].at(0)) {
        return {.end = BatchEnd::stopped, .cursor = request.cursor};
    }
    const Row& row = rows[0];
    return {.end = row.at(3) == "1" ? BatchEnd::finished : BatchEnd::advanced,
            .cursor = *row.at(0),
            .rows_scanned = number(row.at(1)),
            .rows_changed = number(row.at(2)),
            .pace = pace_from(row, 4)};
}

} // namespace

BatchResult run_batch(Session& session, const BackfillWork& work, const BatchRequest& request)
{
    if (request.cursor == request.upper) {
        return {.end = BatchEnd::finished,
                .cursor = request.cursor,
                .pace = query_pace(session, request.held.run)};
    }
    return session.dialect().capabilities().one_statement_batch
               ? run_one_statement(session, work, request)
               : run_steps(session, work, request);
}

bool pass_fence(Session& session, const BatchRequest& request, const Passage& passage)
{
    const Dialect& dialect = session.dialect();
    Sql sql = dialect.sql();
    sql << "UPDATE " << dialect.state_table("range") << " SET cursor_key = ";
    sql.bind(std::string_view(passage.cursor))
        << ", lease_expires = " << dialect.now(request.lease);
    sql << ", rows_scanned = rows_scanned + ";
    sql.bind(static_cast<long long>(passage.rows_scanned)) << ", rows_changed = rows_changed + ";
    sql.bind(static_cast<long long>(passage.rows_changed)) << ", batches = batches + 1 WHERE ";
    append_fence_conditions(sql, dialect, "", request);
    return session.execute(sql.take()) == 1;
}

void correct_changed(Session& session, const Held& held, std::int64_t difference)
{
    if (difference == 0) {
        return;
    }
    const Dialect& dialect = session.dialect();
    Sql sql = dialect.sql();
    sql << "UPDATE " << dialect.state_table("range") << " SET rows_changed = rows_changed + ";
    sql.bind(static_cast<long long>(difference)) << " WHERE run = ";
    sql.bind(static_cast<long long>(held.run)) << " AND ordinal = ";
    sql.bind(static_cast<long long>(held.ordinal));
    session.execute(sql.take());
}

void append_fence_conditions(Sql& sql, const Dialect& dialect, std::string_view range,
                             const BatchRequest& request)
{
    sql << range << "run = ";
    sql.bind(static_cast<long long>(request.held.run)) << " AND " << range << "ordinal = ";
    sql.bind(static_cast<long long>(request.held.ordinal)) << " AND " << range << "lease_token = ";
    sql.bind(request.held.token) << " AND " << range << "cursor_key = ";
    sql.bind(request.cursor) << " AND " << range << "upper_key = ";
    sql.bind(request.upper) << " AND " << range << "state = 'open' AND EXISTS (SELECT 1 FROM ";
    sql << dialect.state_table("run") << " WHERE id = ";
    sql.bind(static_cast<long long>(request.held.run))
        << " AND desired = 'running' AND hold_until <= " << dialect.now()
        << ") AND EXISTS (SELECT 1 FROM " << dialect.state_table("brake")
        << " WHERE id = 1 AND engaged = 0)";
}

} // namespace sluice
