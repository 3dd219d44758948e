#include "sluice/core/error.h"
#include "sluice/db/postgresql/dialect.h"

namespace sluice {

std::optional<std::string> PostgresqlDialect::key_refusal(const Column& /*column*/) const
{
    throw Error(ErrorKind::internal, "unwritten");
}

std::string PostgresqlDialect::key_text(const Column& /*column*/,
                                        std::string_view /*qualifier*/) const
{
    throw Error(ErrorKind::internal, "unwritten");
}

void PostgresqlDialect::bind_key(Sql& /*sql*/, const Column& /*column*/,
                                 const std::string& /*text*/) const
{
    throw Error(ErrorKind::internal, "unwritten");
}

void PostgresqlDialect::key_after(Sql& /*sql*/, const std::vector<Column>& /*key*/,
                                  const KeyValues& /*values*/) const
{
    throw Error(ErrorKind::internal, "unwritten");
}

void PostgresqlDialect::key_upto(Sql& /*sql*/, const std::vector<Column>& /*key*/,
                                 const KeyValues& /*values*/) const
{
    throw Error(ErrorKind::internal, "unwritten");
}

std::string
PostgresqlDialect::on_conflict_skip(const std::vector<std::string>& /*target_key*/) const
{
    throw Error(ErrorKind::internal, "unwritten");
}

std::string PostgresqlDialect::lock_source_rows() const
{
    throw Error(ErrorKind::internal, "unwritten");
}

std::string PostgresqlDialect::explain(std::string_view /*query*/) const
{
    throw Error(ErrorKind::internal, "unwritten");
}

std::optional<std::string>
PostgresqlDialect::explain_refusal(const Rows& /*plan*/, const Table& /*table*/,
                                   const std::vector<Column>& /*key*/) const
{
    throw Error(ErrorKind::internal, "unwritten");
}

std::string PostgresqlDialect::estimate_rows(const TableName& /*table*/) const
{
    throw Error(ErrorKind::internal, "unwritten");
}

} // namespace sluice
