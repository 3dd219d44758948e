#include "sluice/db/postgresql/there_and_back.h"

#include "sluice/db/postgresql/enum_ddl.h"
#include "sluice/db/postgresql/identity_ddl.h"
#include "sluice/db/postgresql/key_ddl.h"

namespace sluice::postgresql {

ThereAndBack there_and_back(const PostgresqlDialect& dialect, const MoveSequence& a)
{
    return {move_sequence(dialect, a), move_sequence(dialect, std::get<MoveSequence>(invert(a)))};
}

ThereAndBack there_and_back(const PostgresqlDialect& dialect, const SetIdentity& a)
{
    return {set_identity(dialect, a), set_identity(dialect, std::get<SetIdentity>(invert(a)))};
}

ThereAndBack there_and_back(const PostgresqlDialect& dialect, const KeepNumbers& a)
{
    return {keep_numbers(dialect, a), forget_numbers(dialect, a.kept)};
}

ThereAndBack there_and_back(const PostgresqlDialect& dialect, const ForgetNumbers& a)
{
    return {forget_numbers(dialect, a.kept), {}};
}

ThereAndBack there_and_back(const PostgresqlDialect& dialect, const CreateEnum& a)
{
    return {create_enum(dialect, a.type, a.rights_of), drop_enum(dialect, a.type)};
}

ThereAndBack there_and_back(const PostgresqlDialect& dialect, const DropEnum& a)
{
    return {drop_enum(dialect, a.type), create_enum(dialect, a.type, a.rights_of)};
}

ThereAndBack there_and_back(const PostgresqlDialect& dialect, const RenameEnum& a)
{
    return {rename_enum(dialect, a.from, a.to), rename_enum(dialect, a.to, a.from)};
}

} // namespace sluice::postgresql
