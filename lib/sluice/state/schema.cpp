#include "sluice/state/schema.h"

#include "sluice/core/error.h"
#include "sluice/core/version.h"
#include "sluice/db/transaction.h"
#include "sluice/state/ranges.h"

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

namespace sluice {

namespace {

enum class Kind { identity, number, name, text };

struct StateColumn {
    std::string_view name;
    Kind kind;
};

struct StateTable {
    std::string_view name;
    std::vector<StateColumn> columns;
    std::string_view constraints; ///< after the columns; may be empty
};

/// No column name is a reserved word of any engine, so that none needs quotes. Every column is NOT
/// NULL: an empty text says "not yet".
std::vector<StateTable> state_tables()
{
    constexpr Kind number = Kind::number;
    constexpr Kind name = Kind::name;
    constexpr Kind text = Kind::text;
    return {
        {"migration",
         {{"version", name},
          {"name", text},
          {"hash", name},
          {"definition", text},
          {"state", name},
          {"owner", text},
          {"summary", text},
          {"expanded_at", name},
          {"migrated_at", name},
          {"contracted_at", name},
          {"changed_at", name},
          {"tool_version", name}},
         "PRIMARY KEY (version)"},
        {"action",
         {{"version", name},
          {"ordinal", number},
          {"phase", name},
          {"body", text},
          {"state", name},
          {"attempts", number},
          {"error", text},
          {"fingerprint", text},
          {"connection_id", name},
          {"started_at", name},
          {"finished_at", name},
          {"took_us", number},
          {"evidence", text}},
         "PRIMARY KEY (version, ordinal)"},
        {"found_table",
         {{"table_name", name}, {"body", text}, {"version", name}, {"at", name}},
         "PRIMARY KEY (table_name)"},
        {"run",
         {{"id", Kind::identity},     {"version", name},
          {"ordinal", number},        {"hash", name},
          {"table_name", text},       {"key_columns", text},
          {"desired", name},          {"state", name},
          {"batch_rows", number},     {"sleep_ms", number},
          {"duty_permille", number},  {"pass", number},
          {"estimated_rows", number}, {"wait_reason", text},
          {"wait_since", name},       {"last_error", text},
          {"created_at", name},       {"started_at", name},
          {"finished_at", name},      {"last_progress_at", name},
          {"batch_max", number},      {"batch_time_ms", number},
          {"workers", number},        {"hold_until", name},
          {"hold_reason", text},      {"bad_rows_allowed", number},
          {"throttle", text},         {"signals", text}},
         "UNIQUE (version, ordinal)"},
        {"range",
         {{"run", number},
          {"ordinal", number},
          {"upper_key", text},
          {"cursor_key", text},
          {"state", name},
          {"lease_owner", name},
          {"lease_token", name},
          {"lease_expires", name},
          {"rows_scanned", number},
          {"rows_changed", number},
          {"batches", number},
          {"retries", number},
          {"lower_key", text},
          {"rows_now", number},
          {"p50_us", number},
          {"p99_us", number}},
         "PRIMARY KEY (run, ordinal)"},
        {"bad_row",
         {{"id", Kind::identity},
          {"run", number},
          {"row_key", text},
          {"error", text},
          {"tries", number},
          {"resolution", text},
          {"at", name}},
         ""},
        {"ledger",
         {{"id", Kind::identity},
          {"at", name},
          {"actor", text},
          {"host", text},
          {"verb", name},
          {"object", name},
          {"from_state", text},
          {"to_state", text},
          {"reason", text},
          {"evidence", text}},
         ""},
        {"brake",
         {{"id", number}, {"engaged", number}, {"actor", text}, {"reason", text}, {"at", name}},
         "PRIMARY KEY (id)"},
        {"lease",
         {{"id", number},
          {"owner", text},
          {"host", text},
          {"pid", number},
          {"process_start", name},
          {"verb", name},
          {"token", name},
          {"connection_id", name},
          {"acquired_at", name},
          {"heartbeat_at", name},
          {"expires_at", name}},
         "PRIMARY KEY (id)"},
        {"meta",
         {{"id", number}, {"layout", number}, {"tool_version", name}, {"changed_at", name}},
         "PRIMARY KEY (id)"},
    };
}

std::string column_sql(const StateColumn& column, const StateTypes& types)
{
    switch (column.kind) {
    case Kind::identity:
        return fmt::format("{} {}", column.name, types.identity);
    case Kind::number:
        return fmt::format("{} {} NOT NULL", column.name, types.number);
    case Kind::name:
        return fmt::format("{} {} NOT NULL", column.name, types.name);
    case Kind::text:
        return fmt::format("{} {} NOT NULL", column.name, types.text);
    }
    throw Error(ErrorKind::internal, "unknown kind of state column");
}

std::string create_sql(const StateTable& table, const Dialect& dialect)
{
    const StateTypes types = dialect.state_types();
    std::string columns;
    for (const StateColumn& column : table.columns) {
        columns += (columns.empty() ? "" : ", ") + column_sql(column, types);
    }
    if (!table.constraints.empty()) {
        columns += ", " + std::string(table.constraints);
    }
    return fmt::format("CREATE TABLE IF NOT EXISTS {} ({}) {}", dialect.state_table(table.name),
                       columns, types.suffix);
}

/// The one row of a table that has one, unless it is there. The values are SQL.
void insert_once(Session& session, std::string_view table, std::string_view columns,
                 const std::string& values)
{
    const std::string name = session.dialect().state_table(table);
    if (session.query(fmt::format("SELECT id FROM {} WHERE id = 1", name)).empty()) {
        session.execute(
            fmt::format("INSERT INTO {} (id, {}) VALUES (1, {})", name, columns, values));
    }
}

void create_tables(Session& session)
{
    const Dialect& dialect = session.dialect();
    if (const std::string prepare = dialect.state_types().prepare; !prepare.empty()) {
        session.execute(prepare);
    }
    for (const StateTable& table : state_tables()) {
        session.execute(create_sql(table, dialect));
    }
    insert_once(session, "brake", "engaged, actor, reason, at", "0, '', '', ''");
    insert_once(session, "lease",
                "owner, host, pid, process_start, verb, token, connection_id, acquired_at, "
                "heartbeat_at, expires_at",
                "'', '', 0, '', '', '', '', '', '', ''");
    // Last: find_state sees the state only once it is whole.
    insert_once(session, "meta", "layout, tool_version, changed_at",
                fmt::format("{}, {}, {}", state_layout, dialect.literal(version()), dialect.now()));
}

void create_state(Session& session)
{
    if (!session.dialect().capabilities().transactional_ddl) {
        create_tables(session);
        return;
    }
    Transaction transaction(session);
    create_tables(session);
    transaction.commit();
}

bool is_done(Session& session, const Step& step)
{
    if (step.done.empty()) {
        return false;
    }
    const Rows rows = session.query(step.done);
    return !rows.empty() && rows[0][0] == "1";
}

void run_upgrade(Session& session, const StateUpgrade& upgrade)
{
    for (const Step& step : upgrade.steps) {
        if (!is_done(session, step)) {
            session.execute(step.sql);
        }
    }
    const Dialect& dialect = session.dialect();
    Sql sql = dialect.sql();
    sql << "UPDATE " << dialect.state_table("meta") << " SET layout = ";
    sql.bind(static_cast<long long>(upgrade.from) + 1) << ", tool_version = ";
    sql.bind(version()) << ", changed_at = " << dialect.now() << " WHERE id = 1 AND layout = ";
    sql.bind(static_cast<long long>(upgrade.from));
    session.execute(sql.take());
}

void upgrade_once(Session& session, const std::vector<StateUpgrade>& upgrades)
{
    for (const StateUpgrade& upgrade : upgrades) {
        if (find_state(session) != upgrade.from) {
            continue;
        }
        if (!session.dialect().capabilities().transactional_ddl) {
            run_upgrade(session, upgrade);
            continue;
        }
        Transaction transaction(session);
        run_upgrade(session, upgrade);
        transaction.commit();
    }
}

/// Two processes that do the same work at once get in each other's way, differently on each engine
/// (a duplicate name, a duplicate key, a lock): what matters is that the second try finds it done.
template <class Work> void with_second_tries(const Work& work)
{
    constexpr int tries = 5;
    for (int n = 1;; ++n) {
        try {
            return work();
        } catch (const Error& error) {
            const Cause cause = error.details.cause;
            const bool is_final = cause == Cause::read_only || cause == Cause::permission ||
                                  cause == Cause::out_of_space || cause == Cause::connection_lost;
            if (n == tries || is_final || error.kind != ErrorKind::sql) {
                throw;
            }
        }
    }
}

Step add_column(const Dialect& dialect, std::string_view table, const StateColumn& column,
                std::string_view value)
{
    return {.sql = fmt::format("ALTER TABLE {} ADD COLUMN {} {}", dialect.state_table(table),
                               column_sql(column, dialect.state_types()),
                               dialect.added_state_default(value)),
            .done = dialect.state_column_exists(table, column.name)};
}

/// Layout 1 had one worker a run, with a fixed batch.
StateUpgrade several_workers(const Dialect& dialect)
{
    StateUpgrade upgrade{.from = 1};
    const auto add = [&](std::string_view table, std::string_view name, Kind kind,
                         std::string_view value) {
        upgrade.steps.push_back(add_column(dialect, table, {name, kind}, value));
    };
    add("run", "batch_max", Kind::number, "1000");
    add("run", "batch_time_ms", Kind::number, "50");
    add("run", "workers", Kind::number, "1");
    add("run", "hold_until", Kind::name, "");
    add("run", "hold_reason", Kind::text, "");
    add("run", "bad_rows_allowed", Kind::number, "0");
    add("run", "throttle", Kind::text, "");
    add("run", "signals", Kind::text, "");
    add("range", "lower_key", Kind::text, "");
    add("range", "rows_now", Kind::number, "0");
    add("range", "p50_us", Kind::number, "0");
    add("range", "p99_us", Kind::number, "0");
    upgrade.steps.push_back(
        {.sql = fmt::format("UPDATE {} SET batch_max = batch_rows WHERE batch_max < batch_rows",
                            dialect.state_table("run")),
         .is_repeatable = true});
    const std::string range = dialect.state_table("range");
    upgrade.steps.push_back(
        {.sql = fmt::format(
             "INSERT INTO {0} (run, ordinal, lower_key, upper_key, cursor_key, state, lease_owner, "
             "lease_token, lease_expires, rows_scanned, rows_changed, batches, retries, rows_now, "
             "p50_us, p99_us) SELECT run, {1}, '', '', '', 'open', '', '', '', 0, 0, 0, 0, 0, 0, 0 "
             "FROM {0} WHERE ordinal = 1 AND run NOT IN (SELECT run FROM {0} WHERE ordinal = {1})",
             range, check_ordinal),
         .is_repeatable = true});
    return upgrade;
}

std::vector<StateUpgrade> built_in_upgrades(const Dialect& dialect)
{
    return {several_workers(dialect)};
}

} // namespace

std::optional<int> find_state(Session& session)
{
    const Dialect& dialect = session.dialect();
    if (session.query(dialect.state_exists("meta")).empty()) {
        return std::nullopt;
    }
    const Rows rows = session.query("SELECT layout FROM " + dialect.state_table("meta"));
    if (rows.empty()) {
        return std::nullopt;
    }
    return std::stoi(rows[0][0].value());
}

std::optional<int> check_state(Session& session)
{
    const std::optional<int> found = find_state(session);
    if (!found || *found <= state_layout) {
        return found;
    }
    const Rows rows = session.query("SELECT tool_version FROM " +
                                    session.dialect().state_table("meta") + " WHERE id = 1");
    const std::string needed = rows.empty() ? "" : rows[0][0].value_or("");
    throw Error(ErrorKind::refused,
                fmt::format("the state tables have layout {}, written by sluice {}; this is sluice "
                            "{}, which knows layouts up to {}",
                            *found, needed, version(), state_layout),
                {.hint = fmt::format("Use sluice {} or later for this database; `sluice --version` "
                                     "shows which one runs.",
                                     needed)});
}

void ensure_state(Session& session)
{
    const std::optional<int> found = check_state(session);
    if (found == state_layout) {
        return;
    }
    if (!found) {
        with_second_tries([&] {
            if (!find_state(session)) {
                create_state(session);
            }
        });
    }
    upgrade_state(session, built_in_upgrades(session.dialect()));
}

void upgrade_state(Session& session, const std::vector<StateUpgrade>& upgrades)
{
    with_second_tries([&] { upgrade_once(session, upgrades); });
}

} // namespace sluice
