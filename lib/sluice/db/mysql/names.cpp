#include "sluice/db/mysql/dialect.h"
#include "sluice/db/sql_text.h"

#include <algorithm>

namespace sluice {

namespace {

const Capabilities mysql_capabilities{.transactional_ddl = false,
                                      .one_statement_batch = false,
                                      .concurrent_index = false,
                                      .one_writer = false,
                                      .terminates_sessions = true,
                                      .replaces_not_null_by_check = false,
                                      .required_column = RequiredColumn::needs_default,
                                      .constraint_rows = ConstraintRows::verified,
                                      .adds_checks = false,
                                      .cascades_fire_triggers = false,
                                      .foreign_keys_join_types = false,
                                      .grants_go_by_name = true,
                                      .foreign_keys_need_index = true,
                                      .names_keys_by_schema = true,
                                      .triggers_write_own_table = false,
                                      .views_go_by_name = true,
                                      .key_widening = KeyWidening::by_successors,
                                      .enum_types = EnumTypes::of_column};

} // namespace

MysqlDialect::MysqlDialect(Server server) : Dialect(server, mysql_capabilities) {}

std::string MysqlDialect::quote(std::string_view identifier) const
{
    return enclosed(identifier, '`');
}

std::string MysqlDialect::literal(std::string_view text) const
{
    // Every session runs without NO_BACKSLASH_ESCAPES: a backslash escapes.
    std::string escaped;
    for (const char c : text) {
        escaped.append(c == '\\' ? 2 : 1, c);
    }
    return enclosed(escaped, '\'');
}

Sql MysqlDialect::sql() const
{
    return Sql(PlaceholderStyle::question);
}

std::size_t MysqlDialect::longest_name() const
{
    return 64;
}

std::optional<std::string> MysqlDialect::name_refusal(std::string_view identifier) const
{
    const auto is_lead = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
    if (std::count_if(identifier.begin(), identifier.end(), is_lead) > 64) {
        return "is longer than 64 characters";
    }
    if (std::any_of(identifier.begin(), identifier.end(),
                    [](char c) { return static_cast<unsigned char>(c) >= 0xF0; })) {
        return "has a character outside the Basic Multilingual Plane (an emoji, say), which names "
               "may not have here";
    }
    if (!identifier.empty() && identifier.back() == ' ') {
        return "ends with a space";
    }
    return std::nullopt;
}

std::string MysqlDialect::state_table(std::string_view name) const
{
    return quote("sluice_" + std::string(name));
}

StateTypes MysqlDialect::state_types() const
{
    // 190 characters of four bytes fit an index of 767 bytes, the least that any row format allows.
    return {.number = "BIGINT",
            .identity = "BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY",
            .name = "VARCHAR(190) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
            .text = "LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
            .suffix = "ENGINE=InnoDB",
            .prepare = ""};
}

std::string MysqlDialect::state_exists(std::string_view name) const
{
    return "SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()"
           " AND TABLE_NAME = " +
           literal("sluice_" + std::string(name));
}

std::string MysqlDialect::state_column_exists(std::string_view table, std::string_view column) const
{
    return "SELECT 1 FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE()"
           " AND TABLE_NAME = " +
           literal("sluice_" + std::string(table)) + " AND COLUMN_NAME = " + literal(column);
}

std::string MysqlDialect::added_state_default(std::string_view value) const
{
    // A text column of MySQL takes no literal as its default; rows that are there get ''.
    return value.empty() ? "" : "DEFAULT " + literal(value);
}

std::string MysqlDialect::now(std::chrono::milliseconds offset) const
{
    const auto microseconds = std::chrono::microseconds(offset).count();
    return "CONCAT(LEFT(DATE_FORMAT(UTC_TIMESTAMP(3) + INTERVAL " + std::to_string(microseconds) +
           " MICROSECOND, '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z')";
}

} // namespace sluice
