#pragma once
// Indexes of partitioned tables. PostgreSQL builds none of them beside writers: one is built in
// each partition, and then the table's own takes these up without reading a row.

#include "sluice/db/alteration.h"
#include "sluice/db/postgresql/dialect.h"

namespace sluice::postgresql {

/// Each step with its probe. A partition that has gone meanwhile is passed over; one that has come
/// gets its index with the table's own, under that statement's lock.
[[nodiscard]] std::vector<Step> build_partitioned_index(const PostgresqlDialect& dialect,
                                                        const Table& table, const Index& index);
[[nodiscard]] std::vector<Step> remove_partitioned_index(const PostgresqlDialect& dialect,
                                                         const Table& table,
                                                         const std::string& index);

/// Names those of the partitions after the table's own, which was called `from` and is called `to`
/// by now: those that have such a name already, or a reserved one.
[[nodiscard]] std::string rename_in_partitions(const PostgresqlDialect& dialect,
                                               const TableName& table, const std::string& from,
                                               const std::string& to);

} // namespace sluice::postgresql
