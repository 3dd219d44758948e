#pragma once
// What came back from MySQL or MariaDB: every result set is read to its end, so that the next
// statement never finds the connection "out of sync". Private to db/mysql/.

#include "sluice/core/error.h"
#include "sluice/db/statement.h"

#include <mysql.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace sluice {

struct MysqlResult {
    Rows rows;                 ///< of the first result set that has columns
    std::int64_t affected = 0; ///< of the first statement
};

struct CloseStatement {
    void operator()(MYSQL_STMT* statement) const { mysql_stmt_close(statement); }
};

using MysqlStatement = std::unique_ptr<MYSQL_STMT, CloseStatement>;

[[nodiscard]] Error mysql_error_of(MYSQL* handle, std::string_view sql);
[[nodiscard]] Error mysql_error_of(MYSQL_STMT* statement, std::string_view sql);

/// After mysql_real_query.
[[nodiscard]] MysqlResult read_results(MYSQL* handle, std::string_view sql);

[[nodiscard]] MysqlStatement prepare_statement(MYSQL* handle, std::string_view sql);

/// Binds, executes, reads.
[[nodiscard]] MysqlResult run_prepared(MYSQL_STMT* prepared, const Statement& statement);

} // namespace sluice
