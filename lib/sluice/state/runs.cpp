#include "sluice/state/runs.h"

#include "sluice/core/error.h"
#include "sluice/db/transaction.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <cmath>
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
    "r.batch_rows, r.sleep_ms, r.duty_permille, r.pass, r.estimated_rows, r.wait_reason, "
    "r.wait_since, r.last_error, r.created_at, r.started_at, r.finished_at, r.last_progress_at, "
    "COALESCE(s.rows_scanned, 0), COALESCE(s.rows_changed, 0), COALESCE(s.batches, 0), "
    "COALESCE(s.retries, 0)";

/// Counters live in the ranges alone: one row that all workers of a run wrote would be a queue.
std::string select_runs(const Dialect& dialect)
{
    return fmt::format(
        "SELECT {} FROM {} r LEFT JOIN (SELECT run, SUM(rows_scanned) AS rows_scanned, "
        "SUM(rows_changed) AS rows_changed, SUM(batches) AS batches, SUM(retries) AS retries "
        "FROM {} GROUP BY run) s ON s.run = r.id",
        run_columns, dialect.state_table("run"), dialect.state_table("range"));
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
    run.pace.batch_rows = std::stoll(row[8].value());
    run.pace.sleep = std::chrono::milliseconds(std::stoll(row[9].value()));
    run.pace.duty = std::stod(row[10].value()) / 1000;
    run.pass = std::stoi(row[11].value());
    run.estimated_rows = std::stoll(row[12].value());
    run.wait_reason = row[13].value();
    run.wait_since = row[14].value();
    run.last_error = row[15].value();
    run.created_at = row[16].value();
    run.started_at = row[17].value();
    run.finished_at = row[18].value();
    run.last_progress_at = row[19].value();
    run.rows_scanned = std::stoll(row[20].value());
    run.rows_changed = std::stoll(row[21].value());
    run.batches = std::stoll(row[22].value());
    run.retries = std::stoll(row[23].value());
    return run;
}

long long duty_permille(const Pace& pace)
{
    return std::llround(pace.duty * 1000);
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

void check_pace(const Pace& pace)
{
    constexpr std::int64_t most_rows = 100'000;
    if (pace.batch_rows < 1 || pace.batch_rows > most_rows) {
        throw Error(ErrorKind::usage, fmt::format("batch_rows must be from 1 to {}, found {}",
                                                  most_rows, pace.batch_rows));
    }
    if (pace.sleep < std::chrono::milliseconds{0} || pace.sleep > std::chrono::hours{1}) {
        throw Error(ErrorKind::usage,
                    fmt::format("sleep must be from 0ms to 1h, found {}ms", pace.sleep.count()));
    }
    if (!(pace.duty >= 0.001 && pace.duty <= 1)) {
        throw Error(ErrorKind::usage,
                    fmt::format("duty must be from 0.001 to 1, found {}", pace.duty));
    }
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

std::vector<RangeRecord> Runs::ranges(std::int64_t run)
{
    Sql sql = session_.dialect().sql();
    sql << "SELECT run, ordinal, upper_key, cursor_key, state, lease_owner, lease_token, "
           "lease_expires, rows_scanned, rows_changed, batches, retries FROM "
        << session_.dialect().state_table("range") << " WHERE run = ";
    sql.bind(static_cast<long long>(run)) << " ORDER BY ordinal";
    std::vector<RangeRecord> ranges;
    for (const Row& row : session_.query(sql.take()).rows) {
        ranges.push_back({std::stoll(row[0].value()), std::stoi(row[1].value()), row[2].value(),
                          row[3].value(), row[4] == "done" ? RangeState::done : RangeState::open,
                          row[5].value(), row[6].value(), row[7].value(),
                          std::stoll(row[8].value()), std::stoll(row[9].value()),
                          std::stoll(row[10].value()), std::stoll(row[11].value())});
    }
    return ranges;
}

std::int64_t Runs::create(const RunRecord& run)
{
    check_pace(run.pace);
    const Dialect& dialect = session_.dialect();
    JoinedTransaction transaction(session_);
    Sql sql = dialect.sql();
    sql << "INSERT INTO " << dialect.state_table("run")
        << " (version, ordinal, hash, table_name, key_columns, desired, state, batch_rows, "
           "sleep_ms, duty_permille, pass, estimated_rows, wait_reason, wait_since, last_error, "
           "created_at, started_at, finished_at, last_progress_at) VALUES (";
    sql.bind(run.version) << ", ";
    sql.bind(static_cast<long long>(run.ordinal)) << ", ";
    sql.bind(run.hash) << ", ";
    sql.bind(nlohmann::json{run.table.schema, run.table.name}.dump()) << ", ";
    sql.bind(nlohmann::json(run.key).dump()) << ", ";
    sql.bind(name_of(run.desired)) << ", ";
    sql.bind(name_of(RunState::waiting)) << ", ";
    sql.bind(static_cast<long long>(run.pace.batch_rows)) << ", ";
    sql.bind(static_cast<long long>(run.pace.sleep.count())) << ", ";
    sql.bind(duty_permille(run.pace)) << ", 0, ";
    sql.bind(static_cast<long long>(run.estimated_rows))
        << ", '', '', '', " << dialect.now() << ", '', '', '')";
    session_.execute(sql.take());
    const std::int64_t id = find(run.version, run.ordinal).value().id;
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

Desired Runs::ask(std::int64_t run, Desired desired)
{
    JoinedTransaction transaction(session_);
    const std::optional<RunRecord> found = find(run);
    if (!found) {
        throw unknown_run(run);
    }
    refuse_done(*found);
    Sql sql = session_.dialect().sql();
    sql << "UPDATE " << session_.dialect().state_table("run") << " SET desired = ";
    sql.bind(name_of(desired)) << " WHERE id = ";
    sql.bind(static_cast<long long>(run));
    session_.execute(sql.take());
    transaction.commit();
    return found->desired;
}

void Runs::set_pace(std::int64_t run, const Pace& pace)
{
    check_pace(pace);
    JoinedTransaction transaction(session_);
    const std::optional<RunRecord> found = find(run);
    if (!found) {
        throw unknown_run(run);
    }
    refuse_done(*found);
    Sql sql = session_.dialect().sql();
    sql << "UPDATE " << session_.dialect().state_table("run") << " SET batch_rows = ";
    sql.bind(static_cast<long long>(pace.batch_rows)) << ", sleep_ms = ";
    sql.bind(static_cast<long long>(pace.sleep.count())) << ", duty_permille = ";
    sql.bind(duty_permille(pace)) << " WHERE id = ";
    sql.bind(static_cast<long long>(run));
    session_.execute(sql.take());
    transaction.commit();
}

void Runs::observe(std::int64_t run, RunState state, std::string_view wait_reason,
                   std::string_view last_error)
{
    const Dialect& dialect = session_.dialect();
    const bool is_over =
        state == RunState::done || state == RunState::cancelled || state == RunState::failed;
    Sql sql = dialect.sql();
    sql << "UPDATE " << dialect.state_table("run") << " SET state = ";
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
    sql.bind(static_cast<long long>(run));
    session_.execute(sql.take());
}

void Runs::open_pass(std::int64_t run, int pass, std::string_view upper)
{
    const Dialect& dialect = session_.dialect();
    const std::string range = dialect.state_table("range");
    JoinedTransaction transaction(session_);
    Sql update = dialect.sql();
    update << "UPDATE " << range << " SET upper_key = ";
    update.bind(upper) << ", cursor_key = '', state = 'open', lease_owner = '', lease_token = '', "
                          "lease_expires = '' WHERE run = ";
    update.bind(static_cast<long long>(run)) << " AND ordinal = 1";
    if (session_.execute(update.take()) == 0) {
        Sql insert = dialect.sql();
        insert << "INSERT INTO " << range
               << " (run, ordinal, upper_key, cursor_key, state, lease_owner, lease_token, "
                  "lease_expires, rows_scanned, rows_changed, batches, retries) VALUES (";
        insert.bind(static_cast<long long>(run)) << ", 1, ";
        insert.bind(upper) << ", '', 'open', '', '', '', 0, 0, 0, 0)";
        session_.execute(insert.take());
    }
    Sql number = dialect.sql();
    number << "UPDATE " << dialect.state_table("run") << " SET pass = ";
    number.bind(static_cast<long long>(pass)) << " WHERE id = ";
    number.bind(static_cast<long long>(run));
    session_.execute(number.take());
    transaction.commit();
}

bool Runs::claim(std::int64_t run, int ordinal, const Actor& owner, const std::string& token,
                 std::chrono::seconds lease)
{
    const Dialect& dialect = session_.dialect();
    Sql holder = dialect.sql();
    holder << "SELECT lease_owner, lease_token FROM " << dialect.state_table("range")
           << " WHERE run = ";
    holder.bind(static_cast<long long>(run)) << " AND ordinal = ";
    holder.bind(static_cast<long long>(ordinal));
    const Rows rows = session_.query(holder.take());
    if (rows.empty()) {
        return false;
    }
    Sql sql = dialect.sql();
    sql << "UPDATE " << dialect.state_table("range") << " SET lease_owner = ";
    sql.bind(owner_text(owner)) << ", lease_token = ";
    sql.bind(token) << ", lease_expires = " << dialect.now(lease) << " WHERE run = ";
    sql.bind(static_cast<long long>(run)) << " AND ordinal = ";
    sql.bind(static_cast<long long>(ordinal)) << " AND lease_token = ";
    sql.bind(rows[0][1].value());
    // Only a holder that is certainly gone is taken over before its time.
    if (!rows[0][1].value().empty() && !is_gone(owner_from(rows[0][0].value()))) {
        sql << " AND lease_expires < " << dialect.now();
    }
    return session_.execute(sql.take()) == 1;
}

} // namespace sluice
