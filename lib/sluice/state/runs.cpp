#include "sluice/state/runs.h"

#include "sluice/core/error.h"
#include "sluice/db/transaction.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <utility>

namespace sluice {

namespace {

constexpr std::array<std::pair<Desired, std::string_view>, 3> desired_names{{
    {Desired::running, "running"},
    {Desired::paused, "paused"},
    {Desired::cancelled, "cancelled"},
}};

constexpr std::array<std::pair<RunState, std::string_view>, 6> run_state_names{{
    {RunState::waiting, "waiting"},
    {RunState::running, "running"},
    {RunState::paused, "paused"},
    {RunState::done, "done"},
    {RunState::cancelled, "cancelled"},
    {RunState::failed, "failed"},
}};

template <class Names> auto value_in(const Names& names, std::string_view name)
{
    for (const auto& entry : names) {
        if (entry.second == name) {
            return entry.first;
        }
    }
    throw Error(ErrorKind::internal, fmt::format("unknown state \"{}\" of a run", name));
}

constexpr std::string_view run_columns =
    "r.id, r.version, r.ordinal, r.hash, r.table_name, r.key_columns, r.desired, r.state, "
    "r.pass, r.estimated_rows, r.wait_reason, r.wait_since, r.last_error, r.created_at, "
    "r.started_at, r.finished_at, r.last_progress_at, r.hold_until, r.hold_reason, "
    "r.bad_rows_allowed, r.throttle, r.signals, COALESCE(s.rows_scanned, 0), "
    "COALESCE(s.rows_changed, 0), COALESCE(s.batches, 0), COALESCE(s.retries, 0)";

/// Counters live in the ranges alone: one row that all workers of a run wrote would be a queue.
std::string select_runs(const Dialect& dialect)
{
    return fmt::format(
        "SELECT {}, CASE WHEN r.hold_until > {} THEN 1 ELSE 0 END, {} FROM {} r LEFT JOIN (SELECT "
        "run, SUM(rows_scanned) AS rows_scanned, "
        "SUM(rows_changed) AS rows_changed, SUM(batches) AS batches, SUM(retries) AS retries "
        "FROM {} GROUP BY run) s ON s.run = r.id",
        run_columns, dialect.now(), pace_columns, dialect.state_table("run"),
        dialect.state_table("range"));
}

RunRecord run_from(const Row& row)
{
    RunRecord run;
    run.id = std::stoll(row[0].value());
    run.version = row[1].value();
    run.ordinal = std::stoi(row[2].value());
    run.hash = row[3].value();
    const auto table = nlohmann::json::parse(row[4].value());
    run.table = {table.at(0).get<std::string>(), table.at(1).get<std::string>()};
    run.key = nlohmann::json::parse(row[5].value()).get<std::vector<std::string>>();
    run.desired = desired_from(row[6].value());
    run.state = run_state_from(row[7].value());
    run.pass = std::stoi(row[8].value());
    run.estimated_rows = std::stoll(row[9].value());
    run.wait_reason = row[10].value();
    run.wait_since = row[11].value();
    run.last_error = row[12].value();
    run.created_at = row[13].value();
    run.started_at = row[14].value();
    run.finished_at = row[15].value();
    run.last_progress_at = row[16].value();
    run.hold_until = row[17].value();
    run.hold_reason = row[18].value();
    run.bad_rows_allowed = std::stoll(row[19].value());
    run.throttle = row[20].value();
    run.signals = row[21].value();
    run.rows_scanned = std::stoll(row[22].value());
    run.rows_changed = std::stoll(row[23].value());
    run.batches = std::stoll(row[24].value());
    run.retries = std::stoll(row[25].value());
    run.is_held = row[26] == "1";
    run.pace = pace_from(row, 27);
    return run;
}

Error unknown_run(std::int64_t id)
{
    return Error(ErrorKind::usage, fmt::format("there is no run {}", id),
                 {.hint = "`sluice runs` lists them."});
}

void remove_run(Session& session, std::int64_t id)
{
    const Dialect& dialect = session.dialect();
    Sql ranges = dialect.sql();
    ranges << "DELETE FROM " << dialect.state_table("range") << " WHERE run = ";
    ranges.bind(static_cast<long long>(id));
    session.execute(ranges.take());
    Sql bad_rows = dialect.sql();
    bad_rows << "DELETE FROM " << dialect.state_table("bad_row") << " WHERE run = ";
    bad_rows.bind(static_cast<long long>(id));
    session.execute(bad_rows.take());
    Sql run = dialect.sql();
    run << "DELETE FROM " << dialect.state_table("run") << " WHERE id = ";
    run.bind(static_cast<long long>(id));
    session.execute(run.take());
}

void refuse_done(const RunRecord& run)
{
    if (run.state == RunState::done) {
        throw Error(ErrorKind::refused, fmt::format("run {} is done", run.id),
                    {.hint = fmt::format("`sluice show {}` says what it did.", run.id)});
    }
}

} // namespace

std::string_view name_of(Desired desired)
{
    return desired_names.at(static_cast<std::size_t>(desired)).second;
}

std::string_view name_of(RunState state)
{
    return run_state_names.at(static_cast<std::size_t>(state)).second;
}

Desired desired_from(std::string_view name)
{
    return value_in(desired_names, name);
}

RunState run_state_from(std::string_view name)
{
    return value_in(run_state_names, name);
}

std::vector<RunRecord> Runs::all()
{
    std::vector<RunRecord> runs;
    const Rows rows = session_.query(select_runs(session_.dialect()) + " ORDER BY r.id");
    for (const Row& row : rows.rows) {
        runs.push_back(run_from(row));
    }
    return runs;
}

std::optional<RunRecord> Runs::find(std::int64_t id)
{
    Sql sql = session_.dialect().sql();
    sql << select_runs(session_.dialect()) << " WHERE r.id = ";
    sql.bind(static_cast<long long>(id));
    const Rows rows = session_.query(sql.take());
    return rows.empty() ? std::nullopt : std::optional(run_from(rows[0]));
}

std::optional<RunRecord> Runs::find(std::string_view version, int ordinal)
{
    Sql sql = session_.dialect().sql();
    sql << select_runs(session_.dialect()) << " WHERE r.version = ";
    sql.bind(version) << " AND r.ordinal = ";
    sql.bind(static_cast<long long>(ordinal));
    const Rows rows = session_.query(sql.take());
    return rows.empty() ? std::nullopt : std::optional(run_from(rows[0]));
}

std::int64_t Runs::create(const RunRecord& run)
{
    check_pace(run.pace);
    const Dialect& dialect = session_.dialect();
    JoinedTransaction transaction(session_);
    Sql sql = dialect.sql();
    sql << "INSERT INTO " << dialect.state_table("run")
        << " (version, ordinal, hash, table_name, key_columns, desired, state, estimated_rows, "
           "bad_rows_allowed, throttle, pass, wait_reason, wait_since, last_error, created_at, "
           "started_at, finished_at, last_progress_at, hold_until, hold_reason, signals, "
        << pace_columns << ") VALUES (";
    sql.bind(run.version) << ", ";
    sql.bind(static_cast<long long>(run.ordinal)) << ", ";
    sql.bind(run.hash) << ", ";
    sql.bind(nlohmann::json{run.table.schema, run.table.name}.dump()) << ", ";
    sql.bind(nlohmann::json(run.key).dump()) << ", ";
    sql.bind(name_of(run.desired)) << ", ";
    sql.bind(name_of(RunState::waiting)) << ", ";
    sql.bind(static_cast<long long>(run.estimated_rows)) << ", ";
    sql.bind(static_cast<long long>(run.bad_rows_allowed)) << ", ";
    sql.bind(run.throttle) << ", 0, '', '', '', " << dialect.now() << ", '', '', '', '', '', '', ";
    append_pace_values(sql, run.pace);
    sql << ")";
    session_.execute(sql.take());
    const std::int64_t id = find(run.version, run.ordinal).value().id;
    session_.notify();
    transaction.commit();
    return id;
}

void Runs::remove(std::string_view version)
{
    JoinedTransaction transaction(session_);
    for (const RunRecord& run : all()) {
        if (run.version == version) {
            remove_run(session_, run.id);
        }
    }
    transaction.commit();
}

void Runs::remove(std::string_view version, int ordinal)
{
    JoinedTransaction transaction(session_);
    if (const std::optional<RunRecord> run = find(version, ordinal)) {
        remove_run(session_, run->id);
    }
    transaction.commit();
}

RunRecord Runs::changeable(std::int64_t run)
{
    const std::optional<RunRecord> found = find(run);
    if (!found) {
        throw unknown_run(run);
    }
    refuse_done(*found);
    return *found;
}

Sql Runs::update() const
{
    Sql sql = session_.dialect().sql();
    sql << "UPDATE " << session_.dialect().state_table("run") << " SET ";
    return sql;
}

void Runs::execute(Sql& sql, std::int64_t run)
{
    sql << " WHERE id = ";
    sql.bind(static_cast<long long>(run));
    session_.execute(sql.take());
}

Desired Runs::ask(std::int64_t run, Desired desired)
{
    JoinedTransaction transaction(session_);
    const Desired before = changeable(run).desired;
    Sql sql = update();
    sql << "desired = ";
    sql.bind(name_of(desired));
    execute(sql, run);
    session_.notify();
    transaction.commit();
    return before;
}

void Runs::set_pace(std::int64_t run, const Pace& pace)
{
    check_pace(pace);
    JoinedTransaction transaction(session_);
    (void)changeable(run);
    Sql sql = update();
    append_pace_assignments(sql, pace);
    execute(sql, run);
    session_.notify();
    transaction.commit();
}

void Runs::hold(std::int64_t run, std::chrono::milliseconds duration, std::string_view reason)
{
    JoinedTransaction transaction(session_);
    (void)changeable(run);
    Sql sql = update();
    const bool is_over = duration == std::chrono::milliseconds{0};
    sql << "hold_until = " << (is_over ? "''" : session_.dialect().now(duration))
        << ", hold_reason = ";
    sql.bind(is_over ? std::string_view() : reason);
    execute(sql, run);
    session_.notify();
    transaction.commit();
}

void Runs::retry(std::int64_t run)
{
    JoinedTransaction transaction(session_);
    if (const RunRecord found = changeable(run); found.state != RunState::failed) {
        throw Error(ErrorKind::refused,
                    fmt::format("run {} has not failed: it is {}", run, name_of(found.state)),
                    {.hint = fmt::format("`sluice why {}` says what it waits for.", run)});
    }
    Sql sql = update();
    sql << "desired = ";
    sql.bind(name_of(Desired::running)) << ", state = ";
    sql.bind(name_of(RunState::waiting)) << ", last_error = '', finished_at = ''";
    execute(sql, run);
    session_.notify();
    transaction.commit();
}

void Runs::set_throttle(std::int64_t run, std::string_view rules)
{
    JoinedTransaction transaction(session_);
    (void)changeable(run);
    Sql sql = update();
    sql << "throttle = ";
    sql.bind(rules);
    execute(sql, run);
    session_.notify();
    transaction.commit();
}

void Runs::allow_bad_rows(std::int64_t run, std::int64_t number)
{
    JoinedTransaction transaction(session_);
    (void)changeable(run);
    Sql sql = update();
    sql << "bad_rows_allowed = ";
    sql.bind(static_cast<long long>(number));
    execute(sql, run);
    session_.notify();
    transaction.commit();
}

void Runs::note_signals(std::int64_t run, std::string_view signals)
{
    Sql sql = update();
    sql << "signals = ";
    sql.bind(signals);
    execute(sql, run);
}

void Runs::observe(std::int64_t run, RunState state, std::string_view wait_reason,
                   std::string_view last_error)
{
    const Dialect& dialect = session_.dialect();
    const bool is_over =
        state == RunState::done || state == RunState::cancelled || state == RunState::failed;
    Sql sql = update();
    sql << "state = ";
    // wait_since before wait_reason: MySQL assigns from left to right and sees what it has
    // assigned.
    sql.bind(name_of(state)) << ", wait_since = ";
    if (wait_reason.empty()) {
        sql << "''";
    } else {
        sql << "CASE WHEN wait_reason = ";
        sql.bind(wait_reason) << " THEN wait_since ELSE " << dialect.now() << " END";
    }
    sql << ", wait_reason = ";
    sql.bind(wait_reason) << ", last_error = ";
    sql.bind(last_error) << ", finished_at = " << (is_over ? dialect.now() : "''");
    if (state == RunState::running) {
        sql << ", started_at = CASE WHEN started_at = '' THEN " << dialect.now()
            << " ELSE started_at END, last_progress_at = " << dialect.now();
    }
    sql << " WHERE id = ";
    sql.bind(static_cast<long long>(run)) << " AND state <> ";
    sql.bind(name_of(RunState::done));
    session_.execute(sql.take());
}

} // namespace sluice
