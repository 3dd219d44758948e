#pragma once
// The texts of PostgreSQL's DDL: column definitions, indexes, constraints, and the queries that
// tell whether a concurrent build has taken effect.

#include "sluice/db/alteration.h"
#include "sluice/db/postgresql/dialect.h"

#include <string>
#include <string_view>
#include <vector>

namespace sluice::postgresql {

[[nodiscard]] std::string column_definition(const PostgresqlDialect& dialect, const Column& column);

/// Comment, settings and privileges of a column that was just added.
[[nodiscard]] std::vector<std::string>
column_attributes(const PostgresqlDialect& dialect, const TableName& table, const Column& column);
/// `how`: "CONCURRENTLY ", or nothing for a table that nobody uses yet.
[[nodiscard]] std::string create_index(const PostgresqlDialect& dialect, const TableName& table,
                                       const Index& index, std::string_view how);

/// Of pg_index: the index of this name, if it is one of this table. Another table may have one of
/// the same name.
[[nodiscard]] std::string is_index(const PostgresqlDialect& dialect, const TableName& table,
                                   const std::string& index);

/// Drops what a broken build left, then builds without blocking writers. Each step with its probe.
[[nodiscard]] std::vector<Step> build_index(const PostgresqlDialect& dialect,
                                            const TableName& table, const Index& index);
[[nodiscard]] std::vector<Step> remove_index(const PostgresqlDialect& dialect,
                                             const TableName& table, const std::string& index);

/// Raises an error, the message and the first keys, where rows do not meet the condition (boolean
/// SQL, never NULL); takes no lock but a reader's.
[[nodiscard]] std::string require(const PostgresqlDialect& dialect, const Table& table,
                                  const std::string& condition, const std::string& message);
[[nodiscard]] std::string require_no_null(const PostgresqlDialect& dialect, const Table& table,
                                          const std::string& column);

[[nodiscard]] std::string constraint_comment(const PostgresqlDialect& dialect,
                                             const TableName& table, const std::string& constraint,
                                             const std::string& comment);

/// Without a lock on the table where there is no such constraint.
[[nodiscard]] std::string drop_constraint_if_there(const PostgresqlDialect& dialect,
                                                   const TableName& table,
                                                   const std::string& constraint);

} // namespace sluice::postgresql
