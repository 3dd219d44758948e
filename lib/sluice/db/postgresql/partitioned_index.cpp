#include "sluice/db/postgresql/partitioned_index.h"

#include "sluice/db/postgresql/table_ddl.h"
#include "sluice/db/render_parts.h"

namespace sluice::postgresql {

namespace {

std::string in_partition(const PostgresqlDialect& dialect, const TableName& partition,
                         const std::string& index)
{
    return reserved_name("", partition.name + "_" + index, dialect.longest_name());
}

std::string gone(const PostgresqlDialect& dialect, const TableName& partition)
{
    return "to_regclass(" + dialect.literal(dialect.quote(partition)) + ") IS NULL";
}

/// A partition that has gone takes its index with it.
Step built_in(const PostgresqlDialect& dialect, const TableName& partition, const Index& index)
{
    return {create_index(dialect, partition, index, "CONCURRENTLY "),
            "SELECT 1 WHERE " + gone(dialect, partition) +
                " OR EXISTS (SELECT FROM pg_catalog.pg_index WHERE " +
                is_index(dialect, partition, index.name) + " AND indisvalid)",
            false};
}

Step without_invalid(const PostgresqlDialect& dialect, const TableName& partition,
                     const std::string& index)
{
    return {"DROP INDEX CONCURRENTLY IF EXISTS " +
                dialect.quote(TableName{partition.schema, index}),
            "SELECT 1 WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_index WHERE " +
                is_index(dialect, partition, index) + " AND NOT indisvalid)",
            false};
}

} // namespace

std::vector<Step> build_partitioned_index(const PostgresqlDialect& dialect, const Table& table,
                                          const Index& index)
{
    std::vector<Step> steps;
    for (const TableName& partition : table.partitions) {
        Index part = index;
        part.name = in_partition(dialect, partition, index.name);
        steps.push_back(without_invalid(dialect, partition, part.name));
        steps.push_back(built_in(dialect, partition, part));
    }
    steps.push_back({create_index(dialect, table.name, index, ""),
                     "SELECT 1 FROM pg_catalog.pg_index WHERE " +
                         is_index(dialect, table.name, index.name) + " AND indisvalid",
                     false});
    steps.push_back({rename_in_partitions(dialect, table.name, index.name, index.name), "", true});
    if (!index.comment.empty()) {
        steps.push_back({"COMMENT ON INDEX " +
                             dialect.quote(TableName{table.name.schema, index.name}) + " IS " +
                             dialect.literal(index.comment),
                         "", true});
    }
    return steps;
}

std::vector<Step> remove_partitioned_index(const PostgresqlDialect& dialect, const Table& table,
                                           const std::string& index)
{
    std::vector<Step> steps{
        {"DROP INDEX IF EXISTS " + dialect.quote(TableName{table.name.schema, index}),
         "SELECT 1 WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_index WHERE " +
             is_index(dialect, table.name, index) + ")",
         true}};
    for (const TableName& partition : table.partitions) { // what a broken build left
        std::vector<Step> left =
            remove_index(dialect, partition, in_partition(dialect, partition, index));
        steps.insert(steps.end(), left.begin(), left.end());
    }
    return steps;
}

std::string rename_in_partitions(const PostgresqlDialect& dialect, const TableName& table,
                                 const std::string& from, const std::string& to)
{
    return "DO $sluice$\nDECLARE\npart record;\nBEGIN\nFOR part IN SELECT n.nspname, i.relname, "
           "t.relname || '_' || " +
           dialect.literal(to) + " AS wanted FROM pg_catalog.pg_partition_tree(" +
           dialect.literal(dialect.quote(TableName{table.schema, to})) +
           ") AS tree JOIN pg_catalog.pg_class i ON i.oid = tree.relid JOIN pg_catalog.pg_index x "
           "ON x.indexrelid = i.oid JOIN pg_catalog.pg_class t ON t.oid = x.indrelid JOIN "
           "pg_catalog.pg_namespace n ON n.oid = i.relnamespace WHERE tree.level > 0 AND "
           "(pg_catalog.strpos(i.relname, 'sluice_') > 0 OR i.relname = t.relname || '_' || " +
           dialect.literal(from) +
           ")\nLOOP\nCONTINUE WHEN part.wanted = part.relname;\nEXECUTE pg_catalog.format('ALTER "
           "INDEX %I.%I RENAME TO %I', part.nspname, part.relname, CASE WHEN "
           "pg_catalog.octet_length(part.wanted) <= 63 THEN part.wanted ELSE "
           "pg_catalog.left(part.wanted, 30) || '_' || pg_catalog.md5(part.wanted) END);\nEND "
           "LOOP;\nEND\n$sluice$";
}

} // namespace sluice::postgresql
