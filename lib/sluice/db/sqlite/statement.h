#pragma once
// SQLite's own statements: prepared, bound by the kind of each value, stepped to the end and reset
// at once, so that none stays open and pins the database. Private to db/sqlite/.

#include "sluice/core/error.h"
#include "sluice/db/statement.h"

#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace sluice {

struct FinalizeStatement {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

using SqliteStatement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

struct SqliteResult {
    Rows rows;
    std::int64_t affected =
        0; ///< 0 for what changes no rows; those changed by triggers not counted
};

struct PreparedStatement {
    SqliteStatement statement; ///< null for white space and comments
    std::size_t length = 0;    ///< bytes of the text it takes up
};

[[nodiscard]] PreparedStatement prepare_next(::sqlite3* handle, std::string_view sql);

/// Throws Error{sql, syntax} where another statement follows the first.
[[nodiscard]] SqliteStatement prepare_single(::sqlite3* handle, std::string_view sql);

[[nodiscard]] SqliteResult run_statement(::sqlite3* handle, sqlite3_stmt* prepared,
                                         const Statement& statement);

} // namespace sluice
