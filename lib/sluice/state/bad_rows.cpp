#include "sluice/state/bad_rows.h"

#include "sluice/core/error.h"
#include "sluice/db/transaction.h"

#include <fmt/format.h>

namespace sluice {

namespace {

Resolution resolution_from(std::string_view name)
{
    for (const Resolution one : {Resolution::open, Resolution::retried, Resolution::waived}) {
        if (name == name_of(one)) {
            return one;
        }
    }
    throw Error(ErrorKind::internal, fmt::format("unknown resolution \"{}\" of a row", name));
}

Sql update_of(const Dialect& dialect)
{
    Sql sql = dialect.sql();
    sql << "UPDATE " << dialect.state_table("bad_row") << " SET at = " << dialect.now();
    return sql;
}

} // namespace

std::string_view name_of(Resolution resolution)
{
    switch (resolution) {
    case Resolution::open:
        return "open";
    case Resolution::retried:
        return "retried";
    case Resolution::waived:
        return "waived";
    }
    return "";
}

void BadRows::add(std::int64_t run, std::string_view key, std::string_view error)
{
    const Dialect& dialect = session_.dialect();
    JoinedTransaction transaction(session_);
    Sql again = update_of(dialect);
    again << ", tries = tries + 1, error = ";
    again.bind(error) << " WHERE run = ";
    again.bind(static_cast<long long>(run)) << " AND resolution = 'open' AND row_key = ";
    again.bind(key);
    if (session_.execute(again.take()) == 0 && !is_set_aside(run, key)) {
        Sql sql = dialect.sql();
        sql << "INSERT INTO " << dialect.state_table("bad_row")
            << " (run, row_key, error, tries, resolution, at) VALUES (";
        sql.bind(static_cast<long long>(run)) << ", ";
        sql.bind(key) << ", ";
        sql.bind(error) << ", 1, 'open', " << dialect.now() << ")";
        session_.execute(sql.take());
    }
    transaction.commit();
}

BadRowBudget BadRows::lock_budget(std::int64_t run)
{
    const Dialect& dialect = session_.dialect();
    Sql lock = dialect.sql();
    lock << "UPDATE " << dialect.state_table("run")
         << " SET bad_rows_allowed = bad_rows_allowed WHERE id = ";
    lock.bind(static_cast<long long>(run));
    session_.execute(lock.take());
    Sql sql = dialect.sql();
    sql << "SELECT bad_rows_allowed FROM " << dialect.state_table("run") << " WHERE id = ";
    sql.bind(static_cast<long long>(run));
    const Rows rows = session_.query(sql.take());
    return {.allowed = rows.empty() ? 0 : std::stoll(rows[0][0].value()), .open = open_count(run)};
}

bool BadRows::is_set_aside(std::int64_t run, std::string_view key)
{
    Sql sql = session_.dialect().sql();
    sql << "SELECT count(*) FROM " << session_.dialect().state_table("bad_row")
        << " WHERE resolution <> 'retried' AND run = ";
    sql.bind(static_cast<long long>(run)) << " AND row_key = ";
    sql.bind(key);
    return session_.query(sql.take())[0][0].value() != "0";
}

std::vector<std::string> BadRows::set_aside(std::int64_t run)
{
    Sql sql = session_.dialect().sql();
    sql << "SELECT row_key FROM " << session_.dialect().state_table("bad_row")
        << " WHERE resolution <> 'retried' AND run = ";
    sql.bind(static_cast<long long>(run));
    std::vector<std::string> keys;
    for (const Row& row : session_.query(sql.take()).rows) {
        keys.push_back(row[0].value());
    }
    return keys;
}

std::vector<BadRow> BadRows::list(std::int64_t run)
{
    const Dialect& dialect = session_.dialect();
    Sql sql = dialect.sql();
    sql << "SELECT id, run, row_key, error, tries, resolution, at FROM "
        << dialect.state_table("bad_row") << " WHERE run = ";
    sql.bind(static_cast<long long>(run)) << " ORDER BY id";
    std::vector<BadRow> rows;
    for (const Row& row : session_.query(sql.take()).rows) {
        rows.push_back({.id = std::stoll(row[0].value()),
                        .run = std::stoll(row[1].value()),
                        .key = row[2].value(),
                        .error = row[3].value(),
                        .tries = std::stoi(row[4].value()),
                        .resolution = resolution_from(row[5].value()),
                        .at = row[6].value()});
    }
    return rows;
}

std::int64_t BadRows::open_count(std::int64_t run)
{
    const Dialect& dialect = session_.dialect();
    Sql sql = dialect.sql();
    sql << "SELECT count(*) FROM " << dialect.state_table("bad_row")
        << " WHERE resolution = 'open' AND run = ";
    sql.bind(static_cast<long long>(run));
    return std::stoll(session_.query(sql.take())[0][0].value());
}

bool BadRows::resolve(std::int64_t id, Resolution resolution)
{
    Sql sql = update_of(session_.dialect());
    sql << ", tries = tries + " << (resolution == Resolution::retried ? "1" : "0")
        << ", resolution = ";
    sql.bind(name_of(resolution)) << " WHERE resolution = 'open' AND id = ";
    sql.bind(static_cast<long long>(id));
    return session_.execute(sql.take()) == 1;
}

void BadRows::note_failure(std::int64_t id, std::string_view error)
{
    Sql sql = update_of(session_.dialect());
    sql << ", tries = tries + 1, error = ";
    sql.bind(error) << " WHERE resolution = 'open' AND id = ";
    sql.bind(static_cast<long long>(id));
    session_.execute(sql.take());
}

} // namespace sluice
