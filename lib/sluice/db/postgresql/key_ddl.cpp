#include "sluice/db/postgresql/key_ddl.h"

#include "sluice/db/postgresql/identity_ddl.h"
#include "sluice/db/postgresql/table_ddl.h"

namespace sluice::postgresql {

namespace {

std::string alter_column(const PostgresqlDialect& dialect, const TableName& table,
                         const std::string& column)
{
    return "ALTER TABLE " + dialect.quote(table) + " ALTER COLUMN " + dialect.quote(column) + " ";
}

std::vector<std::string> with_comment(std::vector<std::string> statements,
                                      const PostgresqlDialect& dialect, const TableName& table,
                                      const Index& index)
{
    if (!index.comment.empty()) {
        statements.push_back(constraint_comment(dialect, table, index.name, index.comment));
    }
    return statements;
}

/// Nobody is given a number between the reading and the writing: the first statement holds off
/// whoever asks for one.
std::string move_identity(const PostgresqlDialect& dialect, const MoveSequence& move)
{
    const std::string sequence = dialect.quote(move.sequence.name);
    const std::string name = dialect.literal(sequence);
    return "DO $sluice$\nDECLARE\nlast_ bigint;\ncalled boolean;\nrights aclitem[];\nright_ "
           "record;\nBEGIN\nALTER SEQUENCE " +
           sequence + " AS " + move.type + ";\nSELECT last_value, is_called INTO last_, called " +
           "FROM " + sequence +
           ";\nSELECT relacl INTO rights FROM pg_catalog.pg_class WHERE oid = " + name +
           "::pg_catalog.regclass;\n" + alter_column(dialect, move.table, move.from) +
           "DROP IDENTITY;\n" + alter_column(dialect, move.table, move.to) + "ADD GENERATED " +
           move.sequence.identity + " AS IDENTITY (SEQUENCE NAME " + sequence + " " +
           move.sequence.options + ");\nPERFORM pg_catalog.setval(" + name + ", last_, called);\n" +
           give_rights(name) + "END\n$sluice$";
}

} // namespace

std::vector<std::string> attach_unique(const PostgresqlDialect& dialect, const TableName& table,
                                       const Index& index)
{
    const std::string name = dialect.quote(index.name);
    return with_comment({"ALTER TABLE " + dialect.quote(table) + " ADD CONSTRAINT " + name +
                         " UNIQUE USING INDEX " + name +
                         (index.deferrable.empty() ? "" : " " + index.deferrable)},
                        dialect, table, index);
}

std::vector<std::string> attach_primary_key(const PostgresqlDialect& dialect,
                                            const TableName& table, const Index& key,
                                            const std::string& index)
{
    const std::string alter = "ALTER TABLE " + dialect.quote(table) + " ";
    const std::string name = dialect.quote(key.name);
    return with_comment({alter + "DROP CONSTRAINT " + name,
                         alter + "ADD CONSTRAINT " + name + " PRIMARY KEY USING INDEX " +
                             dialect.quote(index) +
                             (key.deferrable.empty() ? "" : " " + key.deferrable)},
                        dialect, table, key);
}

std::vector<std::string> move_sequence(const PostgresqlDialect& dialect, const MoveSequence& move)
{
    if (!move.sequence.identity.empty()) {
        return {move_identity(dialect, move)};
    }
    const std::string owner = move.sequence.is_owned ? " OWNED BY " + dialect.quote(move.table) +
                                                           "." + dialect.quote(move.to)
                                                     : "";
    return {"ALTER SEQUENCE " + dialect.quote(move.sequence.name) + " AS " + move.type + owner};
}

} // namespace sluice::postgresql
