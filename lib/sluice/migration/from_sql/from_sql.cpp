#include "sluice/migration/from_sql.h"

#include "sluice/core/error.h"
#include "sluice/db/script.h"
#include "sluice/migration/from_sql/change_toml.h"
#include "sluice/migration/from_sql/cursor.h"
#include "sluice/migration/from_sql/part.h"
#include "sluice/migration/toml_text.h"

#include <fmt/core.h>

#include <algorithm>

namespace sluice {

namespace {

/// Of what a statement makes: the statement that takes it away.
std::string undo_of(std::string_view sql, const FromSqlOptions& options)
{
    SqlCursor cursor(sql, options.engine);
    if (!cursor.take({"CREATE"}) || cursor.take({"OR", "REPLACE"})) {
        return {}; // what it replaces is not known
    }
    cursor.take({"UNLOGGED"});
    std::string kind;
    for (const char* known :
         {"TABLE", "VIEW", "SEQUENCE", "TYPE", "SCHEMA", "DOMAIN", "EXTENSION"}) {
        kind = kind.empty() && cursor.take({known}) ? known : kind;
    }
    if (kind.empty() || cursor.take({"IF", "NOT", "EXISTS"})) {
        return {}; // it may have been there
    }
    const std::size_t place = cursor.place();
    return cursor.take_table() ? fmt::format("DROP {} {}", kind, cursor.text_since(place)) : "";
}

std::vector<SqlPart> parts_of(const std::string& sql, const FromSqlOptions& options)
{
    std::vector<SqlPart> parts = parts_of_alter_table(sql, options);
    if (!parts.empty()) {
        merge_parts(parts);
        return parts;
    }
    if (std::optional<SqlPart> part = part_of_index(sql, options)) {
        return {*part};
    }
    if (std::optional<SqlPart> part = part_of_table(sql, options)) {
        return {*part};
    }
    SqlPart part = written_part(sql, "there is no declared change for it");
    auto& written = std::get<WrittenStatement>(part.what);
    written.undo = undo_of(sql, options);
    if (!written.undo.empty()) {
        part.understood = fmt::format("written out, with the undo `{}`", written.undo);
    }
    return {part};
}

std::string text_of(const WrittenStatement& written)
{
    std::string text = fmt::format("\n[[expand]]\nsql  = {}\n", toml_block(written.sql));
    if (!written.undo.empty()) {
        return text + fmt::format("undo = {}\n", toml_block(written.undo));
    }
    return text + fmt::format("# undo = \"…\"   {}; or undo = false: it cannot be taken back\n",
                              written.wanted);
}

std::string text_of(const SqlPart& part)
{
    if (const auto* change = std::get_if<ChangeKind>(&part.what)) {
        return "\n" + change_toml(*change);
    }
    return text_of(std::get<WrittenStatement>(part.what));
}

std::string name_of(const SqlPart& part, const std::string& sql)
{
    std::string name = part.table.name;
    if (!part.subject.empty()) {
        name += (name.empty() ? "" : "_") + part.subject;
    }
    return name.empty() ? sql.substr(0, 40) : name;
}

bool is_declared(const SqlPart& part)
{
    return std::holds_alternative<ChangeKind>(part.what);
}

/// Where the last file holds parts of the same sort, the part goes into it.
void add_part(std::vector<MigrationFromSql>& migrations, const SqlPart& part,
              const std::string& sql, bool follows_its_sort)
{
    if (!follows_its_sort) {
        migrations.push_back(
            {.name = name_of(part, sql), .text = toml_comment("From: " + sql), .understood = {}});
    }
    migrations.back().text += text_of(part);
    migrations.back().understood.push_back(part.understood);
}

} // namespace

SqlPart written_part(std::string sql, const std::string& reason)
{
    SqlPart part{.what = WrittenStatement{.sql = std::move(sql),
                                          .undo = {},
                                          .wanted = "the statement that takes this one back"},
                 .understood =
                     fmt::format("written out: {}; say in the file how it is undone", reason)};
    return part;
}

std::vector<MigrationFromSql> migrations_from_sql(std::string_view sql,
                                                  const FromSqlOptions& options)
{
    const Script script = split_script(sql, options.engine);
    if (!script.faults.empty()) {
        throw Error(ErrorKind::usage,
                    fmt::format("line {} of the SQL: {}", script.faults.front().line,
                                script.faults.front().problem),
                    {.hint = "Give whole statements, in one argument: `sluice new --from-sql "
                             "'ALTER TABLE users ADD COLUMN age int'`."});
    }
    std::vector<MigrationFromSql> migrations;
    std::optional<bool> last;
    for (const ScriptStatement& statement : script.statements) {
        for (const SqlPart& part : parts_of(statement.sql, options)) {
            add_part(migrations, part, statement.sql, last == is_declared(part));
            last = is_declared(part);
        }
    }
    if (migrations.empty()) {
        throw Error(ErrorKind::usage, "there is no statement in the SQL",
                    {.hint = "For example: `sluice new --from-sql 'ALTER TABLE users ADD COLUMN "
                             "age int'`."});
    }
    return migrations;
}

} // namespace sluice
