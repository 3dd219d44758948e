#pragma once
// Who is asking: shown in the ledger and to whoever finds the database held, and precise enough to
// tell, on the same machine, that a process is gone and will never come back.

#include <string>
#include <string_view>

namespace sluice {

struct Actor {
    std::string name; ///< SLUICE_ACTOR, else the login name
    std::string host;
    int pid = 0;
    std::string started; ///< this boot, pid namespace and the process's start time; empty: unknown
};

[[nodiscard]] Actor current_actor();

/// "host/pid/started": what a range's lease is held by.
[[nodiscard]] std::string owner_text(const Actor& actor);
[[nodiscard]] Actor owner_from(std::string_view text);

/// True only where it is certain: the process ran on this boot of this machine, and either there is
/// no process with its id any more or it is another one. False where nothing can be known.
[[nodiscard]] bool is_gone(const Actor& actor);

} // namespace sluice
