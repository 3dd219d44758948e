#include "sluice/state/history.h"

#include "sluice/core/error.h"
#include "sluice/core/version.h"
#include "sluice/db/transaction.h"

#include <fmt/format.h>

namespace sluice {

namespace {

constexpr std::string_view short_columns =
    "version, name, hash, state, owner, summary, expanded_at, migrated_at, contracted_at, "
    "changed_at, tool_version";

MigrationRecord migration_from(const Row& row)
{
    MigrationRecord record;
    record.version = row[0].value();
    record.name = row[1].value();
    record.hash = row[2].value();
    record.state = state_from(row[3].value());
    record.owner = row[4].value();
    record.summary = row[5].value();
    record.expanded_at = row[6].value();
    record.migrated_at = row[7].value();
    record.contracted_at = row[8].value();
    record.changed_at = row[9].value();
    record.tool_version = row[10].value();
    return record;
}

ActionRecord action_from(const Row& row)
{
    ActionRecord record;
    record.action = action_from_json(row[0].value());
    record.state = action_state_from(row[1].value());
    record.attempts = std::stoi(row[2].value());
    record.error = row[3].value();
    record.fingerprint = row[4].value();
    record.connection_id = row[5].value();
    record.started_at = row[6].value();
    record.finished_at = row[7].value();
    record.took_us = std::stoll(row[8].value());
    record.evidence = row[9].value();
    return record;
}

void remove(Session& session, std::string_view table, std::string_view version)
{
    Sql sql = session.dialect().sql();
    sql << "DELETE FROM " << session.dialect().state_table(table) << " WHERE version = ";
    sql.bind(version);
    session.execute(sql.take());
}

void insert_migration(Session& session, const Migration& migration)
{
    const Dialect& dialect = session.dialect();
    Sql sql = dialect.sql();
    sql << "INSERT INTO " << dialect.state_table("migration")
        << " (version, name, hash, definition, state, owner, summary, expanded_at, migrated_at, "
           "contracted_at, changed_at, tool_version) VALUES (";
    sql.bind(migration.version) << ", ";
    sql.bind(migration.name) << ", ";
    sql.bind(migration.hash) << ", ";
    sql.bind(migration.definition) << ", ";
    sql.bind(name_of(State::pending)) << ", ";
    sql.bind(migration.owner) << ", ";
    sql.bind(migration.summary) << ", '', '', '', " << dialect.now() << ", ";
    sql.bind(version()) << ")";
    session.execute(sql.take());
}

void insert_action(Session& session, std::string_view version, const Action& action)
{
    const Dialect& dialect = session.dialect();
    Sql sql = dialect.sql();
    sql << "INSERT INTO " << dialect.state_table("action")
        << " (version, ordinal, phase, body, state, attempts, error, fingerprint, connection_id, "
           "started_at, finished_at, took_us, evidence) VALUES (";
    sql.bind(version) << ", ";
    sql.bind(static_cast<long long>(action.ordinal)) << ", ";
    sql.bind(name_of(action.phase)) << ", ";
    sql.bind(to_json(action)) << ", ";
    sql.bind(name_of(ActionState::planned)) << ", 0, '', '', '', '', '', 0, '')";
    session.execute(sql.take());
}

/// The times that a state stands for, or wipes out: going back to `migrated` starts a new soak.
std::string times_of(State to, const Dialect& dialect)
{
    const std::string now = dialect.now();
    switch (to) {
    case State::expanded:
        return ", expanded_at = " + now;
    case State::migrated:
        return ", contracted_at = '', migrated_at = " + now;
    case State::contracted:
        return ", contracted_at = " + now;
    case State::pending:
        return ", expanded_at = '', migrated_at = '', contracted_at = ''";
    case State::expanding:
    case State::migrating:
    case State::contracting:
    case State::purged:
    case State::rolling_back:
    case State::restoring:
    case State::baselined:
        return "";
    }
    throw Error(ErrorKind::internal, "unknown state");
}

std::string times_of(ActionState to, const Dialect& dialect)
{
    switch (to) {
    case ActionState::intended:
    case ActionState::undoing:
        return ", finished_at = '', started_at = " + dialect.now();
    case ActionState::done:
    case ActionState::undone:
    case ActionState::failed:
        return ", finished_at = " + dialect.now();
    case ActionState::planned:
        return ", started_at = '', finished_at = ''";
    }
    throw Error(ErrorKind::internal, "unknown action state");
}

} // namespace

std::vector<MigrationRecord> History::all()
{
    std::vector<MigrationRecord> records;
    const Rows rows = session_.query(fmt::format("SELECT {} FROM {}", short_columns,
                                                 session_.dialect().state_table("migration")));
    for (const Row& row : rows.rows) {
        records.push_back(migration_from(row));
    }
    return records;
}

std::optional<MigrationRecord> History::find(std::string_view version)
{
    Sql sql = session_.dialect().sql();
    sql << "SELECT " << short_columns << ", definition FROM "
        << session_.dialect().state_table("migration") << " WHERE version = ";
    sql.bind(version);
    const Rows rows = session_.query(sql.take());
    if (rows.empty()) {
        return std::nullopt;
    }
    MigrationRecord record = migration_from(rows[0]);
    record.definition = rows[0][11].value();
    return record;
}

std::vector<ActionRecord> History::actions(std::string_view version)
{
    Sql sql = session_.dialect().sql();
    sql << "SELECT body, state, attempts, error, fingerprint, connection_id, started_at, "
           "finished_at, took_us, evidence FROM "
        << session_.dialect().state_table("action") << " WHERE version = ";
    sql.bind(version) << " ORDER BY ordinal";
    std::vector<ActionRecord> records;
    for (const Row& row : session_.query(sql.take()).rows) {
        records.push_back(action_from(row));
    }
    return records;
}

std::vector<FailedAction> History::failed()
{
    std::vector<FailedAction> failed;
    const Rows rows = session_.query("SELECT version, ordinal, error, body FROM " +
                                     session_.dialect().state_table("action") +
                                     " WHERE error <> '' ORDER BY version, ordinal");
    for (const Row& row : rows.rows) {
        failed.push_back({row[0].value(), std::stoi(row[1].value()),
                          action_from_json(row[3].value()).summary, row[2].value()});
    }
    return failed;
}

void History::record(const Migration& migration, const Plan& plan)
{
    JoinedTransaction transaction(session_);
    remove(session_, "action", migration.version);
    remove(session_, "migration", migration.version);
    insert_migration(session_, migration);
    for (const Action& action : plan.actions) {
        insert_action(session_, migration.version, action);
    }
    transaction.commit();
}

void History::transition(std::string_view version, State from, State to)
{
    if (!may_follow(from, to)) {
        throw Error(ErrorKind::internal, fmt::format("migration \"{}\" cannot go from {} to {}",
                                                     version, name_of(from), name_of(to)));
    }
    const Dialect& dialect = session_.dialect();
    Sql sql = dialect.sql();
    sql << "UPDATE " << dialect.state_table("migration") << " SET state = ";
    sql.bind(name_of(to)) << ", changed_at = " << dialect.now() << times_of(to, dialect)
                          << " WHERE version = ";
    sql.bind(version) << " AND state = ";
    sql.bind(name_of(from));
    if (session_.execute(sql.take()) != 1) {
        throw Error(ErrorKind::held,
                    fmt::format("migration \"{}\" is no longer {}", version, name_of(from)),
                    {.hint = "Another process is working on it; see `sluice status`."});
    }
}

void History::mark(std::string_view version, const ActionRecord& record)
{
    const Dialect& dialect = session_.dialect();
    Sql sql = dialect.sql();
    sql << "UPDATE " << dialect.state_table("action") << " SET state = ";
    sql.bind(name_of(record.state)) << ", attempts = ";
    sql.bind(static_cast<long long>(record.attempts)) << ", error = ";
    sql.bind(record.error) << ", fingerprint = ";
    sql.bind(record.fingerprint) << ", connection_id = ";
    sql.bind(record.connection_id) << ", took_us = ";
    sql.bind(static_cast<long long>(record.took_us)) << ", evidence = ";
    sql.bind(record.evidence) << times_of(record.state, dialect) << " WHERE version = ";
    sql.bind(version) << " AND ordinal = ";
    sql.bind(static_cast<long long>(record.action.ordinal));
    if (session_.execute(sql.take()) != 1) {
        throw Error(ErrorKind::internal, fmt::format("migration \"{}\" has no action {}", version,
                                                     record.action.ordinal));
    }
}

} // namespace sluice
