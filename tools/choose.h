#pragma once
// Which migration, which run: the one that was named, or the only one for which the command makes
// sense.

#include "workspace.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace sluice {

/// `named` is what the command line says, may be empty. Throws Error{usage} where none or several
/// are in one of `states`, listing them.
[[nodiscard]] const Migration& choose_migration(Workspace& workspace, const std::string& named,
                                                const std::vector<State>& states);

/// In order, those that are in one of `states`; only the named one where one is named, whatever its
/// state.
[[nodiscard]] std::vector<const Migration*>
choose_migrations(Workspace& workspace, const std::string& named, const std::vector<State>& states);

/// Throws Error{usage} where there is no such run, or where none or several fit.
[[nodiscard]] RunRecord choose_run(Workspace& workspace, Session& session,
                                   const std::optional<std::int64_t>& named,
                                   const std::function<bool(const RunRecord&)>& fits);

/// "20261121093000 users_username".
[[nodiscard]] std::string title_of(const Migration& migration);

} // namespace sluice
