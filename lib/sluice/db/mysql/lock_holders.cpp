#include "sluice/core/error.h"
#include "sluice/db/engine_lock_holders.h"

namespace sluice {

namespace {

constexpr std::string_view shown_columns =
    "SELECT p.id, p.user, p.host, p.command, timestampdiff(SECOND, x.trx_started, "
    "convert_tz(now(), @@session.time_zone, 'SYSTEM')), coalesce(p.info, '') ";
constexpr std::string_view by_age =
    " AND p.id <> connection_id() ORDER BY x.trx_started IS NULL, x.trx_started LIMIT 3";

Rows query_or_none(Session& session, const std::string& sql)
{
    try {
        return session.query(sql);
    } catch (const Error& error) {
        if (error.kind == ErrorKind::connection) {
            throw;
        }
        return {}; // a table that this server does not have, or does not show to this user
    }
}

/// "(schema, name) IN (…)" of the tables, by the names that a view gives the two.
std::string is_one_of(const Dialect& dialect, const std::vector<TableName>& tables,
                      const std::string& schema, const std::string& name)
{
    std::string list;
    for (const TableName& table : tables) {
        list += (list.empty() ? "(" : ", (") +
                (table.schema.empty() ? "database()" : dialect.literal(table.schema)) + ", " +
                dialect.literal(table.name) + ")";
    }
    return "(" + schema + ", " + name + ") IN (" + list + ")";
}

/// Who has the table's metadata lock: known to MySQL, and to MariaDB with a plugin.
Rows query_certain(Session& session, const std::vector<TableName>& tables)
{
    const Dialect& dialect = session.dialect();
    const std::string select(shown_columns);
    const std::string transaction =
        " LEFT JOIN information_schema.innodb_trx x ON x.trx_mysql_thread_id = p.id WHERE ";
    if (dialect.server().is_mariadb) {
        return query_or_none(session,
                             select +
                                 "FROM information_schema.metadata_lock_info m JOIN "
                                 "information_schema.processlist p ON p.id = m.thread_id" +
                                 transaction +
                                 is_one_of(dialect, tables, "m.table_schema", "m.table_name") +
                                 std::string(by_age));
    }
    return query_or_none(
        session,
        select +
            "FROM performance_schema.metadata_locks m JOIN performance_schema.threads t ON "
            "t.thread_id = m.owner_thread_id JOIN information_schema.processlist p ON p.id = "
            "t.processlist_id" +
            transaction + "m.object_type = 'TABLE' AND m.lock_status = 'GRANTED' AND " +
            is_one_of(dialect, tables, "m.object_schema", "m.object_name") + std::string(by_age));
}

/// Who has a transaction open in this database.
Rows query_possible(Session& session)
{
    return query_or_none(session, std::string(shown_columns) +
                                      "FROM information_schema.innodb_trx x JOIN "
                                      "information_schema.processlist p ON p.id = "
                                      "x.trx_mysql_thread_id WHERE p.db = database()" +
                                      std::string(by_age));
}

/// Row locks come with a transaction that is shown; of a table's lock, only some servers tell.
std::string doubt_of(const Server& server)
{
    return server.is_mariadb ? "MariaDB tells who holds a table once it has the plugin "
                               "metadata_lock_info (INSTALL SONAME 'metadata_lock_info')"
                             : "the server tells who holds a table to users that may read "
                               "performance_schema.metadata_locks";
}

} // namespace

std::vector<LockHolder> mysql_lock_holders(Session& session, const std::vector<TableName>& tables)
{
    Rows rows = tables.empty() ? Rows{} : query_certain(session, tables);
    const bool is_certain = !rows.empty();
    if (!is_certain) {
        rows = query_possible(session);
    }
    std::vector<LockHolder> holders;
    for (const Row& row : rows.rows) {
        LockHolder holder{.session = "connection " + row[0].value_or(""),
                          .user = row[1].value_or(""),
                          .program = row[2].value_or(""),
                          .activity = row[3].value_or(""),
                          .statement = row[5].value_or(""),
                          .is_certain = is_certain,
                          .doubt = is_certain ? "" : doubt_of(session.dialect().server())};
        if (row[4]) {
            holder.age = std::chrono::seconds(std::stoll(*row[4]));
        }
        holders.push_back(std::move(holder));
    }
    return holders;
}

} // namespace sluice
