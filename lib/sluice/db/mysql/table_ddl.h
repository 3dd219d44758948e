#pragma once
// The texts of MySQL's and MariaDB's DDL, and the queries on information_schema that tell whether
// each has taken effect: DDL commits by itself there, so a crash leaves no other trace.

#include "sluice/db/alteration.h"
#include "sluice/db/mysql/dialect.h"

#include <string>
#include <utility>
#include <vector>

namespace sluice::mysql {

/// Name, type, character set, NULL-ness, default and the rest, for ADD COLUMN and MODIFY.
[[nodiscard]] std::string column_definition(const MysqlDialect& dialect, const Column& column);
/// A default as ALTER COLUMN … SET DEFAULT takes it.
[[nodiscard]] std::string default_value(const MysqlDialect& dialect, const std::string& value);
/// Throws Error{refused} for FULLTEXT and SPATIAL, which cannot be built beside writers.
[[nodiscard]] std::string create_index(const MysqlDialect& dialect, const TableName& table,
                                       const Index& index);

/// The privileges on a column alone, which go by its name. Privileges on a column that is dropped
/// would stay.
[[nodiscard]] std::vector<Step> grant_steps(const MysqlDialect& dialect, const TableName& table,
                                            const Column& column);
[[nodiscard]] std::vector<Step> revoke_steps(const MysqlDialect& dialect, const TableName& table,
                                             const Column& column);

/// MariaDB: raises an error, the message and the first keys, where rows do not meet the condition
/// (boolean SQL, never NULL).
[[nodiscard]] std::string require(const MysqlDialect& dialect, const Table& table,
                                  const std::string& condition, const std::string& message);
/// MariaDB: raises an error that names the first keys of rows where the column is NULL, in place of
/// the server's own, which names none.
[[nodiscard]] std::string require_no_null(const MysqlDialect& dialect, const Table& table,
                                          const std::string& column);

/// Queries that return 1 or 0.
/// There is a table of this name, and not a view.
[[nodiscard]] std::string is_table(const MysqlDialect& dialect, const TableName& table);
[[nodiscard]] std::string has_column(const MysqlDialect& dialect, const TableName& table,
                                     const std::string& column);
[[nodiscard]] std::string lacks_column(const MysqlDialect& dialect, const TableName& table,
                                       const std::string& column);
[[nodiscard]] std::string has_index(const MysqlDialect& dialect, const TableName& table,
                                    const std::string& index);
[[nodiscard]] std::string lacks_index(const MysqlDialect& dialect, const TableName& table,
                                      const std::string& index);
[[nodiscard]] std::string has_constraint(const MysqlDialect& dialect, const TableName& table,
                                         const std::string& constraint);
[[nodiscard]] std::string lacks_constraint(const MysqlDialect& dialect, const TableName& table,
                                           const std::string& constraint);
/// All of them are nullable, or not, as their definitions say.
[[nodiscard]] std::string have_nullability(const MysqlDialect& dialect, const TableName& table,
                                           const std::vector<Column>& columns);
/// All renames (from, to) of columns and of indexes have been made.
using Renames = std::vector<std::pair<std::string, std::string>>;
[[nodiscard]] std::string are_renamed(const MysqlDialect& dialect, const TableName& table,
                                      const Renames& columns, const Renames& indexes);

} // namespace sluice::mysql
