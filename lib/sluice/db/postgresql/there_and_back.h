#pragma once
// Alterations that a transaction makes, and takes back, by statements alone: sequences, numbering
// and enumerations. Private to db/postgresql/.

#include "sluice/db/alteration.h"
#include "sluice/db/postgresql/dialect.h"

#include <string>
#include <vector>

namespace sluice::postgresql {

struct ThereAndBack {
    std::vector<std::string> there;
    std::vector<std::string> back;
};

[[nodiscard]] ThereAndBack there_and_back(const PostgresqlDialect& dialect, const MoveSequence& a);
[[nodiscard]] ThereAndBack there_and_back(const PostgresqlDialect& dialect, const SetIdentity& a);
[[nodiscard]] ThereAndBack there_and_back(const PostgresqlDialect& dialect, const KeepNumbers& a);
/// There is no way back for what the sequence held.
[[nodiscard]] ThereAndBack there_and_back(const PostgresqlDialect& dialect, const ForgetNumbers& a);
[[nodiscard]] ThereAndBack there_and_back(const PostgresqlDialect& dialect, const CreateEnum& a);
[[nodiscard]] ThereAndBack there_and_back(const PostgresqlDialect& dialect, const DropEnum& a);
[[nodiscard]] ThereAndBack there_and_back(const PostgresqlDialect& dialect, const RenameEnum& a);

} // namespace sluice::postgresql
