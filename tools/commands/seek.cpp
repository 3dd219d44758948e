#include "sluice/backfill/seek.h"

#include "ask.h"
#include "choose.h"
#include "commands/commands.h"
#include "exit_code.h"
#include "outcome.h"
#include "workspace.h"

#include <fmt/format.h>

#include <memory>

namespace sluice {

namespace {

int run(const Seek& wish, Workspace& workspace)
{
    require_reason(workspace,
                   "seek 3 --range 1 --from 17000 --to 20000 --reason \"spam, deleted\"");
    Session session = workspace.open();
    const RunRecord chosen = choose_run(workspace, session, wish.run, {});
    const BackfillWork work = work_of(session, chosen);
    RangeRecord before;
    RangeRecord after;
    change_state(workspace, session, [&] {
        before = seek(session, work, wish);
        after = Ranges(session).find(wish.run, wish.ordinal).value_or(before);
        record_asked(workspace, session, chosen.id,
                     {.verb = "seek",
                      .from = fmt::format("range {} at {}", wish.ordinal, before.cursor),
                      .to = fmt::format("range {} at {}", wish.ordinal, after.cursor)});
    });
    std::string answer = fmt::format("range {} of run {} is at {} now", wish.ordinal, chosen.id,
                                     after.cursor.empty() ? "its start" : after.cursor);
    if (work.once && after.cursor != before.cursor) {
        answer += "; this work is done once: nothing comes back to the rows between";
    }
    print_run(workspace, session, answer, chosen.id);
    return exit_code::done;
}

} // namespace

Command seek_command()
{
    return {
        .name = "seek",
        .group = CommandGroup::repair,
        .arguments = "RUN --range N --from KEY --to KEY --reason TEXT",
        .summary = "move a range's cursor, while its run rests",
        .details = "Only while the run is paused, held or stopped, and from where you saw the "
                   "cursor. A key is what sluice\nshow prints, '[\"7\",\"a\"]', or the plain "
                   "value of a key of one column; '[]' is before the first row.\nRows that "
                   "were jumped over are found by the final check, but for work that is done "
                   "once.",
        .examples = {"sluice seek 3 --range 1 --from 17000 --to 20000 --reason \"spam, deleted\"",
                     "sluice seek 3 --range 2 --from '[\"7\",\"a\"]' --to '[\"7\",\"c\"]' "
                     "--reason \"locked rows\""},
        .exit_codes = exit_codes_of_asking("moved, and recorded in the ledger"),
        .define = [](CLI::App& app) -> Run {
            const auto wish = std::make_shared<Seek>();
            app.add_option("RUN", wish->run, "its number")->required();
            app.add_option("--range", wish->ordinal, "as sluice show numbers them")
                ->type_name("N")
                ->required();
            app.add_option("--from", wish->from, "where you saw the cursor")
                ->type_name("KEY")
                ->required();
            app.add_option("--to", wish->to, "the last row to be jumped over")
                ->type_name("KEY")
                ->required();
            return [wish](Workspace& workspace) { return run(*wish, workspace); };
        }};
}

} // namespace sluice
