#include "sluice/core/error.h"
#include "sluice/db/mysql/dialect.h"

namespace sluice {

std::optional<std::string> MysqlDialect::key_refusal(const Column& /*column*/) const
{
    throw Error(ErrorKind::internal, "unwritten");
}

std::string MysqlDialect::key_text(const Column& /*column*/, std::string_view /*qualifier*/) const
{
    throw Error(ErrorKind::internal, "unwritten");
}

void MysqlDialect::bind_key(Sql& /*sql*/, const Column& /*column*/,
                            const std::string& /*text*/) const
{
    throw Error(ErrorKind::internal, "unwritten");
}

void MysqlDialect::key_after(Sql& /*sql*/, const std::vector<Column>& /*key*/,
                             const KeyValues& /*values*/) const
{
    throw Error(ErrorKind::internal, "unwritten");
}

void MysqlDialect::key_upto(Sql& /*sql*/, const std::vector<Column>& /*key*/,
                            const KeyValues& /*values*/) const
{
    throw Error(ErrorKind::internal, "unwritten");
}

std::string MysqlDialect::on_conflict_skip(const std::vector<std::string>& /*target_key*/) const
{
    throw Error(ErrorKind::internal, "unwritten");
}

std::string MysqlDialect::lock_source_rows() const
{
    throw Error(ErrorKind::internal, "unwritten");
}

std::string MysqlDialect::explain(std::string_view /*query*/) const
{
    throw Error(ErrorKind::internal, "unwritten");
}

std::optional<std::string> MysqlDialect::explain_refusal(const Rows& /*plan*/,
                                                         const Table& /*table*/,
                                                         const std::vector<Column>& /*key*/) const
{
    throw Error(ErrorKind::internal, "unwritten");
}

std::string MysqlDialect::estimate_rows(const TableName& /*table*/) const
{
    throw Error(ErrorKind::internal, "unwritten");
}

} // namespace sluice
