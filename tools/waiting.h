#pragma once
// Where the work of a folder stands, in one line, for somebody who waits until it is migrated.

#include "workspace.h"

#include <string>

namespace sluice {

enum class WaitEnd { none, done, failed, stopped };

struct Verdict {
    WaitEnd end = WaitEnd::none;
    std::string text;
    std::string next; ///< the command that helps
    bool is_worked_on = false;
    bool is_known = false; ///< it says nothing that was not told
};

/// `named`: version or name of one migration; empty: all of the folder.
[[nodiscard]] Verdict look_at_work(Workspace& workspace, Session& session,
                                   const std::string& named);

} // namespace sluice
