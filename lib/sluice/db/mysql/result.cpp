#include "sluice/db/mysql/result.h"

#include "sluice/db/error_translation.h"

#include <algorithm>
#include <charconv>
#include <vector>

namespace sluice {

namespace {

Error error_of(unsigned int code, const char* message, const char* sqlstate, std::string_view sql)
{
    const auto number = static_cast<int>(code);
    const Cause cause = cause_of_mysql(number, message);
    return {cause == Cause::connection_lost ? ErrorKind::connection : ErrorKind::sql,
            tidy(message),
            {.statement = std::string(sql),
             .sqlstate = sqlstate,
             .native_code = number,
             .cause = cause}};
}

struct FreeResult {
    void operator()(MYSQL_RES* result) const { mysql_free_result(result); }
};

using Stored = std::unique_ptr<MYSQL_RES, FreeResult>;

std::vector<std::string> column_names(MYSQL_RES* result)
{
    std::vector<std::string> names;
    const MYSQL_FIELD* fields = mysql_fetch_fields(result);
    for (unsigned int n = 0; n < mysql_num_fields(result); ++n) {
        names.emplace_back(fields[n].name, fields[n].name_length);
    }
    return names;
}

Rows text_rows(MYSQL_RES* result)
{
    Rows rows{column_names(result), {}};
    const std::size_t columns = rows.columns.size();
    while (MYSQL_ROW values = mysql_fetch_row(result)) {
        const unsigned long* lengths = mysql_fetch_lengths(result);
        Row row(columns);
        for (std::size_t n = 0; n < columns; ++n) {
            if (values[n] != nullptr) {
                row[n] = std::string(values[n], lengths[n]);
            }
        }
        rows.rows.push_back(std::move(row));
    }
    return rows;
}

/// What a parameter points to while the statement runs.
struct Bound {
    long long number = 0;
    unsigned long length = 0;
    my_bool is_null = 0;
};

/// Numbers go as numbers: a number in text would be compared as a double.
MYSQL_BIND parameter(const Param& param, Bound& bound)
{
    MYSQL_BIND bind{};
    bound.is_null = param.value ? 0 : 1;
    bind.is_null = &bound.is_null;
    bind.buffer_type = MYSQL_TYPE_STRING;
    if (!param.value) {
        return bind;
    }
    const std::string& text = *param.value;
    const char* const end = text.data() + text.size();
    if (param.bind == Bind::integer) {
        const auto [stop, error] = std::from_chars(text.data(), end, bound.number);
        if (error == std::errc() && stop == end) {
            bind.buffer_type = MYSQL_TYPE_LONGLONG;
            bind.buffer = &bound.number;
            return bind;
        }
    }
    bound.length = text.size();
    bind.length = &bound.length;
    bind.buffer_length = bound.length;
    bind.buffer = const_cast<char*>(text.data()); // the C interface reads only
    return bind;
}

/// One column of the row being fetched. Most values fit; a longer one is fetched again.
struct Cell {
    std::vector<char> buffer = std::vector<char>(512);
    unsigned long length = 0;
    my_bool is_null = 0;
    my_bool is_cut = 0;

    void bind_to(MYSQL_BIND& bind)
    {
        bind.buffer_type = MYSQL_TYPE_STRING;
        bind.buffer = buffer.data();
        bind.buffer_length = buffer.size();
        bind.length = &length;
        bind.is_null = &is_null;
        bind.error = &is_cut;
    }
};

Value value_of(MYSQL_STMT* statement, unsigned int column, Cell& cell, std::string_view sql)
{
    if (cell.is_null != 0) {
        return std::nullopt;
    }
    if (cell.length <= cell.buffer.size()) {
        return std::string(cell.buffer.data(), cell.length);
    }
    std::string value(cell.length, '\0');
    MYSQL_BIND bind{};
    bind.buffer_type = MYSQL_TYPE_STRING;
    bind.buffer = value.data();
    bind.buffer_length = value.size();
    bind.length = &cell.length;
    bind.is_null = &cell.is_null;
    bind.error = &cell.is_cut;
    if (mysql_stmt_fetch_column(statement, &bind, column, 0) != 0) {
        throw mysql_error_of(statement, sql);
    }
    return value;
}

Rows binary_rows(MYSQL_STMT* statement, std::string_view sql)
{
    const Stored metadata(mysql_stmt_result_metadata(statement));
    Rows rows{column_names(metadata.get()), {}};
    const std::size_t columns = rows.columns.size();
    std::vector<Cell> cells(columns);
    std::vector<MYSQL_BIND> binds(columns);
    for (std::size_t n = 0; n < columns; ++n) {
        cells[n].bind_to(binds[n]);
    }
    if (mysql_stmt_bind_result(statement, binds.data()) != 0 ||
        mysql_stmt_store_result(statement) != 0) {
        throw mysql_error_of(statement, sql);
    }
    for (;;) {
        const int got = mysql_stmt_fetch(statement);
        if (got == MYSQL_NO_DATA) {
            return rows;
        }
        if (got != 0 && got != MYSQL_DATA_TRUNCATED) {
            throw mysql_error_of(statement, sql);
        }
        Row row;
        row.reserve(columns);
        for (std::size_t n = 0; n < columns; ++n) {
            row.push_back(value_of(statement, static_cast<unsigned int>(n), cells[n], sql));
        }
        rows.rows.push_back(std::move(row));
    }
}

/// Whatever happens, nothing of the statement's results stays on the wire.
class Drain {
public:
    explicit Drain(MYSQL_STMT* statement) : statement_(statement) {}

    Drain(const Drain&) = delete;
    Drain& operator=(const Drain&) = delete;

    ~Drain()
    {
        do {
            mysql_stmt_free_result(statement_);
        } while (mysql_stmt_next_result(statement_) == 0);
    }

private:
    MYSQL_STMT* statement_;
};

} // namespace

Error mysql_error_of(MYSQL* handle, std::string_view sql)
{
    return error_of(mysql_errno(handle), mysql_error(handle), mysql_sqlstate(handle), sql);
}

Error mysql_error_of(MYSQL_STMT* statement, std::string_view sql)
{
    return error_of(mysql_stmt_errno(statement), mysql_stmt_error(statement),
                    mysql_stmt_sqlstate(statement), sql);
}

MysqlResult read_results(MYSQL* handle, std::string_view sql)
{
    MysqlResult first;
    bool is_first = true;
    for (int next = 0; next == 0; next = mysql_next_result(handle)) {
        const Stored result(mysql_store_result(handle));
        if (!result && mysql_field_count(handle) > 0) {
            throw mysql_error_of(handle, sql);
        }
        if (result && first.rows.columns.empty()) {
            first.rows = text_rows(result.get());
        } else if (!result && is_first) {
            first.affected = static_cast<std::int64_t>(mysql_affected_rows(handle));
        }
        is_first = false;
    }
    if (mysql_errno(handle) != 0) {
        throw mysql_error_of(handle, sql);
    }
    return first;
}

MysqlStatement prepare_statement(MYSQL* handle, std::string_view sql)
{
    MysqlStatement statement(mysql_stmt_init(handle));
    if (mysql_stmt_prepare(statement.get(), sql.data(), sql.size()) != 0) {
        throw mysql_error_of(statement.get(), sql);
    }
    return statement;
}

MysqlResult run_prepared(MYSQL_STMT* prepared, const Statement& statement)
{
    if (mysql_stmt_param_count(prepared) != statement.params.size()) {
        throw Error(ErrorKind::internal, "the statement has another number of parameters",
                    {.statement = statement.text});
    }
    std::vector<Bound> bound(statement.params.size());
    std::vector<MYSQL_BIND> binds;
    for (std::size_t n = 0; n < statement.params.size(); ++n) {
        binds.push_back(parameter(statement.params[n], bound[n]));
    }
    if (mysql_stmt_bind_param(prepared, binds.data()) != 0 || mysql_stmt_execute(prepared) != 0) {
        throw mysql_error_of(prepared, statement.text);
    }
    const Drain drain(prepared);
    MysqlResult result;
    if (mysql_stmt_field_count(prepared) > 0) {
        result.rows = binary_rows(prepared, statement.text);
    } else {
        result.affected = static_cast<std::int64_t>(mysql_stmt_affected_rows(prepared));
    }
    return result;
}

} // namespace sluice
