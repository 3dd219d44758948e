#include "sluice/db/sql_text.h"
#include "sluice/db/sqlite/dialect.h"

#include <cstdio>
#include <cstdlib>

namespace sluice {

namespace {

const Capabilities sqlite_capabilities{.transactional_ddl = true,
                                       .one_statement_batch = false,
                                       .concurrent_index = false,
                                       .one_writer = true,
                                       .terminates_sessions = false,
                                       .replaces_not_null_by_check = false,
                                       .sets_default_in_place = false,
                                       .moves_unique_constraints = false,
                                       .writable_views = false,
                                       .required_column = RequiredColumn::must_be_nullable,
                                       .key_widening = KeyWidening::needless,
                                       .enum_types = EnumTypes::none,
                                       .pace = {.batch_rows = 500,
                                                .batch_max = 1000,
                                                .batch_time = std::chrono::milliseconds{10},
                                                .sleep = std::chrono::milliseconds{50}}};

/// "+1.500 seconds"
std::string seconds_modifier(std::chrono::milliseconds offset)
{
    const long long count = std::llabs(offset.count());
    char fraction[8];
    std::snprintf(fraction, sizeof fraction, ".%03d", static_cast<int>(count % 1000));
    return (offset.count() < 0 ? "-" : "+") + std::to_string(count / 1000) + fraction + " seconds";
}

} // namespace

SqliteDialect::SqliteDialect(Server server) : Dialect(server, sqlite_capabilities) {}

std::string SqliteDialect::quote(std::string_view identifier) const
{
    return enclosed(identifier, '"');
}

std::string SqliteDialect::literal(std::string_view text) const
{
    return enclosed(text, '\'');
}

Sql SqliteDialect::sql() const
{
    return Sql(PlaceholderStyle::question_number);
}

std::size_t SqliteDialect::longest_name() const
{
    // SQLite has no limit; names that people never see need none longer than PostgreSQL's twice.
    return 128;
}

std::optional<std::string> SqliteDialect::name_refusal(std::string_view /*identifier*/) const
{
    return std::nullopt; // quoted, anything is a name
}

std::string SqliteDialect::state_table(std::string_view name) const
{
    return quote("sluice_" + std::string(name));
}

StateTypes SqliteDialect::state_types() const
{
    return {.number = "INTEGER",
            .identity = "INTEGER PRIMARY KEY AUTOINCREMENT",
            .name = "TEXT",
            .text = "TEXT",
            .suffix = "",
            .prepare = ""};
}

std::string SqliteDialect::state_exists(std::string_view name) const
{
    return "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = " +
           literal("sluice_" + std::string(name));
}

std::string SqliteDialect::state_column_exists(std::string_view table,
                                               std::string_view column) const
{
    return "SELECT 1 FROM pragma_table_info(" + literal("sluice_" + std::string(table)) +
           ") WHERE name = " + literal(column);
}

std::string SqliteDialect::added_state_default(std::string_view value) const
{
    return "DEFAULT " + literal(value);
}

std::string SqliteDialect::now(std::chrono::milliseconds offset) const
{
    const std::string modifier = offset.count() == 0 ? "" : ", '" + seconds_modifier(offset) + "'";
    return "strftime('%Y-%m-%dT%H:%M:%fZ', 'now'" + modifier + ")";
}

} // namespace sluice
