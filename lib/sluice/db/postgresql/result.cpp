#include "sluice/db/postgresql/result.h"

#include "sluice/db/error_translation.h"

#include <charconv>

namespace sluice {

namespace {

std::string field(const PGresult* result, int code)
{
    const char* text = result == nullptr ? nullptr : PQresultErrorField(result, code);
    return text == nullptr ? "" : text;
}

Cause cause_of(PGconn* handle, const std::string& sqlstate, const std::string& message,
               Interruption interruption)
{
    if (PQstatus(handle) == CONNECTION_BAD) {
        return Cause::connection_lost;
    }
    if (sqlstate == "57014" && !interruption.cancel_requested &&
        (interruption.has_statement_timeout || message.find("timeout") != std::string::npos)) {
        return Cause::statement_timeout;
    }
    return cause_of_sqlstate(sqlstate);
}

/// " (line 4)" where the server points into a text of several lines. It counts characters.
std::string line_of(const PGresult* result, std::string_view sql)
{
    const std::string position = field(result, PG_DIAG_STATEMENT_POSITION);
    std::size_t characters = 0;
    std::from_chars(position.data(), position.data() + position.size(), characters);
    if (characters == 0 || sql.find('\n') == std::string_view::npos) {
        return "";
    }
    int line = 1;
    for (const char c : sql) {
        const bool begins_character = (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
        characters -= begins_character ? 1 : 0;
        if (characters == 0) {
            break;
        }
        line += c == '\n' ? 1 : 0;
    }
    return " (line " + std::to_string(line) + ")";
}

} // namespace

Rows PostgresqlResult::rows() const
{
    Rows rows;
    const int columns = PQnfields(result_.get());
    const int count = PQntuples(result_.get());
    for (int column = 0; column < columns; ++column) {
        rows.columns.emplace_back(PQfname(result_.get(), column));
    }
    rows.rows.reserve(static_cast<std::size_t>(count));
    for (int n = 0; n < count; ++n) {
        Row row;
        row.reserve(static_cast<std::size_t>(columns));
        for (int column = 0; column < columns; ++column) {
            if (PQgetisnull(result_.get(), n, column) != 0) {
                row.emplace_back();
                continue;
            }
            const int length = PQgetlength(result_.get(), n, column);
            row.emplace_back(std::string(PQgetvalue(result_.get(), n, column),
                                         static_cast<std::size_t>(length)));
        }
        rows.rows.push_back(std::move(row));
    }
    return rows;
}

std::int64_t PostgresqlResult::affected() const
{
    const std::string_view text = tag();
    for (const std::string_view verb : {"INSERT ", "UPDATE ", "DELETE ", "MERGE "}) {
        if (text.starts_with(verb)) {
            const std::string_view digits = text.substr(text.rfind(' ') + 1);
            std::int64_t count = 0;
            std::from_chars(digits.data(), digits.data() + digits.size(), count);
            return count;
        }
    }
    return 0;
}

std::string_view PostgresqlResult::tag() const
{
    return result_ == nullptr ? "" : PQcmdStatus(result_.get());
}

std::vector<const char*> parameter_values(const Statement& statement)
{
    std::vector<const char*> values;
    values.reserve(statement.params.size());
    for (const Param& param : statement.params) {
        values.push_back(param.value ? param.value->c_str() : nullptr);
    }
    return values;
}

void refuse_zero_bytes(const Statement& statement)
{
    bool found = statement.text.find('\0') != std::string::npos;
    for (const Param& param : statement.params) {
        found = found || (param.value && param.value->find('\0') != std::string::npos);
    }
    if (found) {
        throw Error(ErrorKind::sql, "PostgreSQL text cannot hold a zero byte",
                    {.hint = "Keep such values in a bytea column.",
                     .statement = statement.text,
                     .sqlstate = "22021",
                     .cause = Cause::other});
    }
}

void end_copy(PGconn* handle, PGresult* result)
{
    const ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_COPY_IN) {
        PQputCopyEnd(handle, "sluice has no data for COPY FROM STDIN");
    } else if (status == PGRES_COPY_OUT) {
        char* line = nullptr;
        while (PQgetCopyData(handle, &line, 0) > 0) {
            PQfreemem(line);
        }
    } else {
        return;
    }
    while (PGresult* rest = PQgetResult(handle)) {
        PQclear(rest);
    }
}

Error postgresql_error(PGconn* handle, const PGresult* result, std::string_view sql,
                       Interruption interruption)
{
    const std::string sqlstate = field(result, PG_DIAG_SQLSTATE);
    std::string message = field(result, PG_DIAG_MESSAGE_PRIMARY);
    if (message.empty() && PQresultStatus(result) == PGRES_COPY_IN) {
        message = "COPY FROM STDIN cannot run here: there is no data to send";
    } else if (message.empty()) {
        message = PQerrorMessage(handle);
    }
    message = tidy(message) + line_of(result, sql);
    if (const std::string detail = field(result, PG_DIAG_MESSAGE_DETAIL); !detail.empty()) {
        message += " (" + tidy(detail) + ")";
    }
    const Cause cause = cause_of(handle, sqlstate, message, interruption);
    return {cause == Cause::connection_lost ? ErrorKind::connection : ErrorKind::sql,
            message,
            {.hint = field(result, PG_DIAG_MESSAGE_HINT),
             .statement = std::string(sql),
             .sqlstate = sqlstate,
             .cause = cause}};
}

} // namespace sluice
