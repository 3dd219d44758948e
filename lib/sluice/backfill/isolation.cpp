#include "sluice/backfill/isolation.h"

#include "sluice/backfill/keyset.h"
#include "sluice/backfill/one_key.h"
#include "sluice/core/counted.h"
#include "sluice/db/transaction.h"
#include "sluice/state/bad_rows.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice {

namespace {

bool is_about_a_row(const Error& error)
{
    return error.kind == ErrorKind::sql && error.details.cause == Cause::constraint;
}

/// A transaction that is open after its rollback says that there is no server to ask any more, and
/// its client has not seen it yet.
void require_rolled_back(const Session& session)
{
    if (session.in_transaction()) {
        throw Error(ErrorKind::connection, "the connection was lost during a rollback",
                    {.cause = Cause::connection_lost});
    }
}

Error over_budget(const BackfillWork& work, const Held& held, const std::string& key,
                  const Error& error, const BadRowBudget& budget)
{
    const std::string already =
        budget.open == 0
            ? ""
            : fmt::format("; {} {} set aside already, {} allowed", counted(budget.open, "row"),
                          budget.open == 1 ? "is" : "are", budget.allowed);
    Error::Details details = error.details;
    details.hint += fmt::format(
        "{}Mend the row, or let such rows be set aside with `sluice set {} bad_rows={}`; then "
        "`sluice retry {}`.{}",
        details.hint.empty() ? "" : " ", held.run, budget.open + 10, held.run,
        budget.open == 0
            ? ""
            : fmt::format(" `sluice quarantine list {}` shows those that are.", held.run));
    return {error.kind,
            fmt::format("row {} of table \"{}\" fails: {}{}", key, display(work.table),
                        error.message, already),
            std::move(details)};
}

/// Between the bounds there was one row; with the cursor on the upper bound the range is finished.
BatchResult past(const BatchRequest& request, const std::string& key, std::int64_t changed)
{
    return {.end = key == request.upper ? BatchEnd::finished : BatchEnd::advanced,
            .cursor = key,
            .rows_scanned = 1,
            .rows_changed = changed};
}

BatchResult stopped(const BatchRequest& request)
{
    return {.end = BatchEnd::stopped, .cursor = request.cursor};
}

} // namespace

BatchResult Isolation::batch(Session& session, BatchRequest request, const Pace& pace)
{
    if (request.cursor != from_) {
        suspects_ = 0; // another range, or an attempt that succeeded though its reply was lost
    }
    if (suspects_ == 1) {
        BatchResult result = one_row(session, request);
        result.pace = pace;
        return result;
    }
    if (suspects_ > 1) {
        request.rows = std::min(request.rows, suspects_ / 2);
    }
    try {
        BatchResult result = run_batch(session, work_, request);
        suspects_ = std::max<std::int64_t>(suspects_ - result.rows_scanned, 0);
        from_ = result.cursor;
        return result;
    } catch (const Error& error) {
        if (!is_about_a_row(error)) {
            throw;
        }
        require_rolled_back(session);
        suspects_ = request.rows;
        from_ = request.cursor;
        return {.end = BatchEnd::narrowed, .cursor = request.cursor, .pace = pace};
    }
}

/// By its key: a row that the application inserts before it meanwhile is not taken for it.
BatchResult Isolation::one_row(Session& session, const BatchRequest& request)
{
    const Statement query =
        boundary_query(session.dialect(), work_.table, work_.key, decode_key(request.cursor),
                       decode_key(request.upper), 1);
    const auto found = read_key(session.query(query), work_.key);
    if (!found) {
        return run_batch(session, work_, request); // deleted: only the end is left
    }
    const std::string key = encode_key(*found);
    try {
        return work_alone(session, request, key);
    } catch (const Error& error) {
        if (!is_about_a_row(error)) {
            throw;
        }
        require_rolled_back(session);
        return set_aside(session, request, key, error);
    }
}

BatchResult Isolation::work_alone(Session& session, const BatchRequest& request,
                                  const std::string& key)
{
    Transaction transaction(session);
    if (request.has_begun) {
        request.has_begun();
    }
    if (!pass_fence(session, request, {.cursor = key, .rows_scanned = 1, .rows_changed = 1})) {
        return stopped(request);
    }
    const std::int64_t changed = work_on_key(session, work_, key);
    correct_changed(session, request.held, changed - 1);
    transaction.commit();
    return past(request, key, changed);
}

/// Recorded and gone past in one transaction. The budget is locked first, as each worker has
/// another range but all have the one budget: so they wait in line and not for each other.
BatchResult Isolation::set_aside(Session& session, const BatchRequest& request,
                                 const std::string& key, const Error& error)
{
    const std::int64_t run = request.held.run;
    Transaction transaction(session);
    BadRows rows(session);
    const BadRowBudget budget = rows.lock_budget(run);
    if (!pass_fence(session, request, {.cursor = key, .rows_scanned = 1, .rows_changed = 0})) {
        return stopped(request);
    }
    const bool is_new = !rows.is_set_aside(run, key);
    if (is_new && budget.open >= budget.allowed) {
        throw over_budget(work_, request.held, key, error, budget);
    }
    rows.add(run, key, error.message);
    transaction.commit();
    if (is_new) {
        listener_.on(Note{fmt::format("row {} of table \"{}\" is set aside, {} of {} allowed: {}",
                                      key, display(work_.table), budget.open + 1, budget.allowed,
                                      error.message)});
    }
    return past(request, key, 0);
}

} // namespace sluice
