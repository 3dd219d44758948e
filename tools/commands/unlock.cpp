#include "ask.h"
#include "commands/commands.h"
#include "exit_code.h"
#include "outcome.h"
#include "sluice/core/error.h"
#include "sluice/report/json.h"
#include "sluice/report/text.h"
#include "sluice/state/ledger.h"
#include "workspace.h"

#include <fmt/format.h>

namespace sluice {

namespace {

int run(Workspace& workspace)
{
    require_reason(workspace, "unlock --reason \"its machine is gone\"");
    Session session = workspace.open();
    std::optional<LeaseHolder> broken;
    if (workspace.has_state(session)) {
        change_state(workspace, session, [&] {
            broken = break_lease(session);
            if (!broken.has_value()) {
                return;
            }
            append_ledger(session, current_actor(),
                          {.verb = "unlock",
                           .object = "lease",
                           .from = fmt::format("{}@{}/{}", broken->actor.name, broken->actor.host,
                                               broken->actor.pid),
                           .reason = workspace.options().reason});
        });
    }
    workspace.print(broken.has_value() ? "broke the lease of " + holder_text(*broken)
                                       : std::string("nobody holds this database\n"),
                    unlock_json(broken));
    return exit_code::done;
}

} // namespace

Command unlock_command()
{
    return {.name = "unlock",
            .group = CommandGroup::repair,
            .arguments = "--reason TEXT",
            .summary = "break the lease of a runner that is gone",
            .details = "Rarely needed: a lease expires by itself, and one whose process has ended "
                       "on this machine is taken\nover at once. A runner that is alive after all "
                       "is fenced: its next transaction fails and changes nothing.",
            .examples = {"sluice unlock --reason \"its machine is gone\""},
            .exit_codes = exit_codes_of_asking("broken, or nobody held it"),
            .define = [](CLI::App&) -> Run { return run; }};
}

} // namespace sluice
