#include "sluice/db/sqlite/functions.h"

#include "sluice/core/error.h"
#include "sluice/db/sqlite/constraint_edits.h"
#include "sluice/db/sqlite/listed_names.h"
#include "sluice/db/sqlite/rebuild.h"
#include "sluice/db/sqlite/table_sql.h"

#include <sqlite3.h>

#include <optional>
#include <string>
#include <vector>

namespace sluice {

namespace {

std::optional<std::string> text_of(sqlite3_value* value)
{
    const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
    if (text == nullptr) {
        return std::nullopt;
    }
    return std::string(text, static_cast<std::size_t>(sqlite3_value_bytes(value)));
}

/// Exceptions must not cross SQLite, which is C.
template <typename Edit> void answer(sqlite3_context* context, Edit edit)
{
    try {
        const std::string text = edit();
        sqlite3_result_text64(context, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    } catch (const std::exception& error) {
        sqlite3_result_error(context, error.what(), -1);
    }
}

void add_not_null(sqlite3_context* context, int /*count*/, sqlite3_value** values)
{
    answer(context, [values] {
        return with_not_null(text_of(values[0]).value_or(""), text_of(values[1]).value_or(""));
    });
}

void remove_not_null(sqlite3_context* context, int /*count*/, sqlite3_value** values)
{
    answer(context, [values] {
        return without_not_null(text_of(values[0]).value_or(""), text_of(values[1]).value_or(""));
    });
}

void set_default(sqlite3_context* context, int /*count*/, sqlite3_value** values)
{
    answer(context, [values] {
        return with_default(text_of(values[0]).value_or(""), text_of(values[1]).value_or(""),
                            text_of(values[2]));
    });
}

void set_index_name(sqlite3_context* context, int /*count*/, sqlite3_value** values)
{
    answer(context, [values] {
        return with_index_name(text_of(values[0]).value_or(""), text_of(values[1]).value_or(""));
    });
}

void add_constraint(sqlite3_context* context, int /*count*/, sqlite3_value** values)
{
    answer(context, [values] {
        return with_constraint(text_of(values[0]).value_or(""), text_of(values[1]).value_or(""));
    });
}

void remove_constraint(sqlite3_context* context, int /*count*/, sqlite3_value** values)
{
    answer(context, [values] {
        return without_constraint(text_of(values[0]).value_or(""), text_of(values[1]).value_or(""));
    });
}

void remove_foreign_key(sqlite3_context* context, int /*count*/, sqlite3_value** values)
{
    answer(context, [values] {
        std::vector<std::string> columns;
        for (const Token& token : listed_columns(text_of(values[1]).value_or(""))) {
            columns.push_back(name_in(token));
        }
        return without_foreign_key(text_of(values[0]).value_or(""), columns,
                                   text_of(values[2]).value_or(""));
    });
}

void set_constraint_name(sqlite3_context* context, int /*count*/, sqlite3_value** values)
{
    answer(context, [values] {
        return with_constraint_name(text_of(values[0]).value_or(""),
                                    text_of(values[1]).value_or(""),
                                    text_of(values[2]).value_or(""));
    });
}

void rebuild(sqlite3_context* context, int count, sqlite3_value** values)
{
    try {
        const auto text = [values](int n) { return text_of(values[n]).value_or(""); };
        std::vector<TableEdit> edits;
        for (int n = 1; n + 2 < count; n += 3) {
            edits.push_back({text(n), text(n + 1), text(n + 2)});
        }
        rebuild_table(sqlite3_context_db_handle(context), text(0), edits);
    } catch (const Error& error) {
        sqlite3_result_error(context, error.message.c_str(), -1);
        if (error.details.native_code != 0) {
            sqlite3_result_error_code(context, error.details.native_code);
        }
    } catch (const std::exception& error) {
        sqlite3_result_error(context, error.what(), -1);
    }
}

void refuse(sqlite3_context* context, int /*count*/, sqlite3_value** values)
{
    sqlite3_result_error(context, text_of(values[0]).value_or("").c_str(), -1);
}

} // namespace

void register_functions(void* handle)
{
    auto* database = static_cast<sqlite3*>(handle);
    const int flags = SQLITE_UTF8 | SQLITE_DIRECTONLY;
    const auto add = [database](const char* name, int count, int how, auto* function) {
        if (sqlite3_create_function_v2(database, name, count, how, nullptr, function, nullptr,
                                       nullptr, nullptr) != SQLITE_OK) {
            throw Error(ErrorKind::internal,
                        std::string("SQLite did not take the function ") + name);
        }
    };
    add("sluice_with_not_null", 2, flags | SQLITE_DETERMINISTIC, &add_not_null);
    add("sluice_without_not_null", 2, flags | SQLITE_DETERMINISTIC, &remove_not_null);
    add("sluice_with_default", 3, flags | SQLITE_DETERMINISTIC, &set_default);
    add("sluice_with_index_name", 2, flags | SQLITE_DETERMINISTIC, &set_index_name);
    add("sluice_with_constraint", 2, flags | SQLITE_DETERMINISTIC, &add_constraint);
    add("sluice_without_constraint", 2, flags | SQLITE_DETERMINISTIC, &remove_constraint);
    add("sluice_without_foreign_key", 3, flags | SQLITE_DETERMINISTIC, &remove_foreign_key);
    add("sluice_with_constraint_name", 3, flags | SQLITE_DETERMINISTIC, &set_constraint_name);
    add("sluice_rebuild", -1, flags, &rebuild);
    add("sluice_refuse", 1, flags, &refuse);
}

} // namespace sluice
