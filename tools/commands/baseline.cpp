#include "commands/commands.h"
#include "exit_code.h"
#include "outcome.h"
#include "sluice/core/error.h"
#include "sluice/migration/folder.h"
#include "sluice/report/adoption.h"
#include "workspace.h"

#include <memory>

namespace sluice {

namespace {

struct Options {
    std::string migration;
    bool takes_all = false;
    bool forgets = false;
    bool is_dry = false;
};

void check(const Options& options)
{
    if (options.migration.empty() != options.takes_all) {
        throw Error(ErrorKind::usage,
                    options.takes_all ? "both a MIGRATION and --all"
                                      : "nothing says up to which migration the database is",
                    {.hint = "Write `sluice baseline VERSION`, with the last one whose effect is "
                             "in the database; or `sluice baseline --all`."});
    }
}

/// Those up to the named one; where marks are forgotten, those from it on.
std::vector<const Migration*> choose(const Options& options, Workspace& workspace)
{
    const std::vector<Migration>& all = workspace.migrations();
    const Migration* named = options.takes_all ? nullptr : &find_migration(all, options.migration);
    std::vector<const Migration*> chosen;
    for (const Migration& migration : all) {
        const int order =
            named == nullptr ? 0 : compare_versions(migration.version, named->version);
        if (options.forgets ? order >= 0 : order <= 0) {
            chosen.push_back(&migration);
        }
    }
    return chosen;
}

std::vector<BaselineMark> preview(const Options& options, Runner& runner,
                                  const std::vector<const Migration*>& chosen)
{
    std::vector<BaselineMark> marks = runner.preview_baseline(chosen);
    if (!options.forgets) {
        return marks;
    }
    std::vector<BaselineMark> forgotten;
    for (BaselineMark& mark : marks) {
        if (mark.from == State::baselined) {
            mark.to = State::pending;
            mark.was_edited = false;
            forgotten.push_back(mark);
        }
    }
    return forgotten;
}

int run(const Options& options, Workspace& workspace)
{
    check(options);
    const std::vector<const Migration*> chosen = choose(options, workspace);
    Runner runner = workspace.runner();
    const std::vector<BaselineMark> marks = options.is_dry    ? preview(options, runner, chosen)
                                            : options.forgets ? runner.forget_baseline(chosen)
                                                              : runner.baseline(chosen);
    const Adoption kind = options.is_dry ? Adoption::preview : Adoption::done;
    workspace.print(baseline_text(marks, kind), baseline_json(marks, kind));
    return exit_code::done;
}

} // namespace

Command baseline_command()
{
    return {
        .name = "baseline",
        .group = CommandGroup::pipeline,
        .arguments = "[MIGRATION]",
        .summary = "take over a database: migrations up to here are in it already",
        .details =
            "Makes sluice's tables and records every migration of the folder up to MIGRATION "
            "as applied, with\nthe hash of its file, running none of them. From then on "
            "`sluice apply` goes on with the next.\nWhat sluice itself has applied stays as "
            "it is; repeating it changes nothing. A migration that\nsluice is applying "
            "stands in the way. There is no rollback of what was there before.",
        .examples = {"sluice baseline 20260301120000 --dry-run",
                     "sluice baseline 20260301120000 --reason \"the schema of release 41\"",
                     "sluice baseline --all", "sluice baseline --forget 20260301120000"},
        .exit_codes = {{exit_code::done, "marked, or shown with --dry-run"},
                       {exit_code::failed, "failed; nothing is marked"},
                       {exit_code::refused, "one of them is being applied by sluice itself"},
                       {exit_code::held, "another runner holds the database"},
                       {exit_code::usage, "the command line or sluice.toml is wrong"}},
        .define = [](CLI::App& app) -> Run {
            const auto options = std::make_shared<Options>();
            app.add_option("MIGRATION", options->migration,
                           "version or name of the last one whose effect is in the database");
            app.add_flag("--all", options->takes_all, "all of the folder");
            app.add_flag("--dry-run", options->is_dry, "show what would be marked, change nothing");
            app.add_flag("--forget", options->forgets,
                         "a mistake: those from MIGRATION on that were marked are pending again");
            return [options](Workspace& workspace) { return run(*options, workspace); };
        }};
}

} // namespace sluice
