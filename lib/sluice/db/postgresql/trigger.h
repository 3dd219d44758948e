#pragma once
// The functions that triggers run, and how one of them writes to another table without making the
// statement fail that it stands in.

#include "sluice/db/postgresql/dialect.h"

#include <string>

namespace sluice::postgresql {

/// A text between dollar quotes whose tag it does not hold.
[[nodiscard]] std::string dollar_quoted(const std::string& text);

/// "sluice"."sync_NAME"
[[nodiscard]] std::string sync_function(const Dialect& dialect, const std::string& name);

/// A function that runs with the rights of who made it and a search_path of its own, so that rights
/// on one table are enough to write both.
[[nodiscard]] std::string create_carrying_function(const Dialect& dialect, const std::string& name,
                                                   const std::string& text);

/// What the other table's column cannot hold is left out, and so found later; a conflict between
/// transactions is not for a trigger to pass over.
[[nodiscard]] std::string guarded(const std::string& write);
/// The same, but what a foreign key refuses is refused.
[[nodiscard]] std::string guarded_unless_referred(const std::string& write);

struct SyncTrigger {
    std::string name; ///< "zzz_sluice_" goes before it: it fires last
    TableName table;
    std::string when;        ///< "AFTER INSERT OR UPDATE"
    std::string each;        ///< "ROW", "STATEMENT"; and on what condition
    std::string function_of; ///< the name that sync_function takes
};

[[nodiscard]] std::string create_trigger(const Dialect& dialect, const SyncTrigger& trigger);
[[nodiscard]] std::string drop_trigger(const Dialect& dialect, const std::string& name,
                                       const TableName& table);

/// Locks both tables for a change of their triggers. Whoever writes one of them has its lock and
/// then, through the trigger, wants the other's, so that there is no order to take them in: the
/// second is taken where it is free, or the first is let go at once, for as long as lock_timeout
/// says.
[[nodiscard]] std::string lock_both(const Dialect& dialect, const TableName& first,
                                    const TableName& second);

} // namespace sluice::postgresql
