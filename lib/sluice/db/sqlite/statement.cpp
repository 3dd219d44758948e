#include "sluice/db/sqlite/statement.h"

#include "sluice/db/error_translation.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>

namespace sluice {

namespace {

Error error_of(::sqlite3* handle, std::string_view sql)
{
    const int code = sqlite3_extended_errcode(handle);
    const std::string message = sqlite3_errmsg(handle);
    return {ErrorKind::sql,
            tidy(message),
            {.statement = std::string(sql),
             .native_code = code,
             .cause = cause_of_sqlite(code, message)}};
}

/// Resets however the work ends: a statement left in the middle keeps its locks and its snapshot.
class Running {
public:
    explicit Running(sqlite3_stmt* statement) : statement_(statement) {}

    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

    ~Running()
    {
        sqlite3_reset(statement_);
        sqlite3_clear_bindings(statement_);
    }

private:
    sqlite3_stmt* statement_;
};

std::string decode_hex(const std::string& hex, const Statement& statement)
{
    std::string bytes;
    for (std::size_t n = 0; n < hex.size(); n += 2) {
        unsigned int byte = 0;
        const char* const end = hex.data() + std::min(n + 2, hex.size());
        const auto [stop, error] = std::from_chars(hex.data() + n, end, byte, 16);
        if (error != std::errc() || stop != hex.data() + n + 2) {
            throw Error(ErrorKind::internal, "bytes were bound that are not written in hexadecimal",
                        {.statement = statement.text});
        }
        bytes += static_cast<char>(byte);
    }
    return bytes;
}

/// A number beyond 64 bits, or anything else that is not an integer, is bound as the text it is.
int bind_integer(sqlite3_stmt* prepared, int position, const std::string& text)
{
    sqlite3_int64 number = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error == std::errc() && stop == end) {
        return sqlite3_bind_int64(prepared, position, number);
    }
    return sqlite3_bind_text64(prepared, position, text.data(), text.size(), SQLITE_TRANSIENT,
                               SQLITE_UTF8);
}

int bind(sqlite3_stmt* prepared, int position, const Param& param, const Statement& statement)
{
    if (!param.value) {
        return sqlite3_bind_null(prepared, position);
    }
    switch (param.bind) {
    case Bind::integer:
        return bind_integer(prepared, position, *param.value);
    case Bind::bytes: {
        const std::string bytes = decode_hex(*param.value, statement);
        return sqlite3_bind_blob64(prepared, position, bytes.data(), bytes.size(),
                                   SQLITE_TRANSIENT);
    }
    case Bind::text:
        break;
    }
    return sqlite3_bind_text64(prepared, position, param.value->data(), param.value->size(),
                               SQLITE_TRANSIENT, SQLITE_UTF8);
}

/// SQLite writes 15 digits, which is not every number: where they do not lead back, as many as do.
std::string text_of(double number, const char* by_sqlite)
{
    const std::string_view shown(by_sqlite);
    double again = 0;
    std::from_chars(shown.data(), shown.data() + shown.size(), again);
    if (again == number || !std::isfinite(number)) {
        return by_sqlite;
    }
    std::array<char, 32> buffer{};
    const auto written = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number);
    return {buffer.data(), written.ptr};
}

Value value_of(sqlite3_stmt* prepared, int column)
{
    const int type = sqlite3_column_type(prepared, column);
    if (type == SQLITE_NULL) {
        return std::nullopt;
    }
    if (type == SQLITE_FLOAT) {
        const double number = sqlite3_column_double(prepared, column);
        const unsigned char* shown = sqlite3_column_text(prepared, column);
        return text_of(number, reinterpret_cast<const char*>(shown));
    }
    const bool is_blob = type == SQLITE_BLOB;
    const void* data = is_blob ? sqlite3_column_blob(prepared, column)
                               : static_cast<const void*>(sqlite3_column_text(prepared, column));
    const int length = sqlite3_column_bytes(prepared, column);
    return length == 0
               ? std::string()
               : std::string(static_cast<const char*>(data), static_cast<std::size_t>(length));
}

Row row_of(sqlite3_stmt* prepared, int columns)
{
    Row row;
    row.reserve(static_cast<std::size_t>(columns));
    for (int column = 0; column < columns; ++column) {
        row.push_back(value_of(prepared, column));
    }
    return row;
}

} // namespace

PreparedStatement prepare_next(::sqlite3* handle, std::string_view sql)
{
    sqlite3_stmt* prepared = nullptr;
    const char* tail = nullptr;
    if (sqlite3_prepare_v2(handle, sql.data(), static_cast<int>(sql.size()), &prepared, &tail) !=
        SQLITE_OK) {
        throw error_of(handle, sql);
    }
    const auto length = static_cast<std::size_t>(tail - sql.data());
    // White space, comments and stray semicolons: the parser stops after each semicolon.
    return {SqliteStatement(prepared), length == 0 ? sql.size() : length};
}

SqliteStatement prepare_single(::sqlite3* handle, std::string_view sql)
{
    SqliteStatement statement;
    std::string_view rest = sql;
    while (!rest.empty()) {
        sqlite3_stmt* prepared = nullptr;
        const char* tail = nullptr;
        const int code = sqlite3_prepare_v2(handle, rest.data(), static_cast<int>(rest.size()),
                                            &prepared, &tail);
        SqliteStatement next(prepared);
        if (statement && (next || code != SQLITE_OK)) {
            throw Error(ErrorKind::sql, "more than one statement where one is expected",
                        {.hint = "Write each statement on its own.",
                         .statement = std::string(sql),
                         .cause = Cause::syntax});
        }
        if (code != SQLITE_OK) {
            throw error_of(handle, sql);
        }
        if (next) {
            statement = std::move(next);
        }
        const auto length = static_cast<std::size_t>(tail - rest.data());
        rest.remove_prefix(length == 0 ? rest.size() : length);
    }
    return statement;
}

SqliteResult run_statement(::sqlite3* handle, sqlite3_stmt* prepared, const Statement& statement)
{
    SqliteResult result;
    if (prepared == nullptr) {
        return result;
    }
    if (sqlite3_bind_parameter_count(prepared) != static_cast<int>(statement.params.size())) {
        throw Error(ErrorKind::sql, "the statement has a placeholder without a value",
                    {.statement = statement.text, .cause = Cause::syntax});
    }
    const Running running(prepared);
    for (std::size_t n = 0; n < statement.params.size(); ++n) {
        if (bind(prepared, static_cast<int>(n) + 1, statement.params[n], statement) != SQLITE_OK) {
            throw error_of(handle, statement.text);
        }
    }
    const int columns = sqlite3_column_count(prepared);
    for (int column = 0; column < columns; ++column) {
        result.rows.columns.emplace_back(sqlite3_column_name(prepared, column));
    }
    const sqlite3_int64 before = sqlite3_total_changes64(handle);
    int code = sqlite3_step(prepared);
    for (; code == SQLITE_ROW; code = sqlite3_step(prepared)) {
        result.rows.rows.push_back(row_of(prepared, columns));
    }
    if (code != SQLITE_DONE) {
        throw error_of(handle, statement.text);
    }
    // sqlite3_changes() keeps its old value where a statement changes nothing by its nature.
    if (sqlite3_total_changes64(handle) != before) {
        result.affected = sqlite3_changes64(handle);
    }
    return result;
}

} // namespace sluice
