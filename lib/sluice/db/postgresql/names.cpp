#include "sluice/db/postgresql/dialect.h"
#include "sluice/db/sql_text.h"

namespace sluice {

namespace {

Capabilities capabilities_of(const Server& server)
{
    return {.transactional_ddl = true,
            .one_statement_batch = true,
            .concurrent_index = true,
            .one_writer = false,
            .terminates_sessions = true,
            .replaces_not_null_by_check = true,
            .shares_sequences = true,
            .required_column = RequiredColumn::filled_by_trigger,
            .views_keep_row_security = server.version >= 150000};
}

} // namespace

PostgresqlDialect::PostgresqlDialect(Server server) : Dialect(server, capabilities_of(server)) {}

std::string PostgresqlDialect::quote(std::string_view identifier) const
{
    return enclosed(identifier, '"');
}

std::string PostgresqlDialect::literal(std::string_view text) const
{
    // Every session runs with standard_conforming_strings on: a backslash is itself.
    return enclosed(text, '\'');
}

Sql PostgresqlDialect::sql() const
{
    return Sql(PlaceholderStyle::dollar_number);
}

std::size_t PostgresqlDialect::longest_name() const
{
    return 63;
}

std::optional<std::string> PostgresqlDialect::name_refusal(std::string_view identifier) const
{
    // The server would cut it and go on, and nothing would be found under the name in the file.
    return identifier.size() > longest_name()
               ? std::optional<std::string>("is longer than 63 bytes")
               : std::nullopt;
}

std::string PostgresqlDialect::state_table(std::string_view name) const
{
    return "\"sluice\"." + quote(name);
}

StateTypes PostgresqlDialect::state_types() const
{
    // "C" compares by bytes whatever the database's collation.
    return {.number = "bigint",
            .identity = "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
            .name = "text COLLATE \"C\"",
            .text = "text COLLATE \"C\"",
            .suffix = "",
            .prepare = "CREATE SCHEMA IF NOT EXISTS \"sluice\""};
}

std::string PostgresqlDialect::state_exists(std::string_view name) const
{
    return "SELECT 1 FROM pg_catalog.pg_class c"
           " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
           " WHERE n.nspname = 'sluice' AND c.relname = " +
           literal(name);
}

std::string PostgresqlDialect::state_column_exists(std::string_view table,
                                                   std::string_view column) const
{
    return "SELECT 1 FROM pg_catalog.pg_attribute a"
           " JOIN pg_catalog.pg_class c ON c.oid = a.attrelid"
           " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
           " WHERE n.nspname = 'sluice' AND c.relname = " +
           literal(table) + " AND a.attname = " + literal(column);
}

std::string PostgresqlDialect::added_state_default(std::string_view value) const
{
    return "DEFAULT " + literal(value);
}

std::string PostgresqlDialect::now(std::chrono::milliseconds offset) const
{
    // clock_timestamp, not now(): a lease must not expire by the start of a long transaction.
    return "to_char(clock_timestamp() AT TIME ZONE 'UTC' + interval '" +
           std::to_string(offset.count()) + " milliseconds', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')";
}

} // namespace sluice
