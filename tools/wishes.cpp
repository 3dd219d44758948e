#include "wishes.h"

#include <memory>
#include <utility>

namespace sluice {

void define_allow_late(CLI::App& app, RunnerWishes& wishes)
{
    app.add_flag("--allow-late", wishes.allow_late, "also files that sort before an applied one");
}

void define_accept_drift(CLI::App& app, RunnerWishes& wishes)
{
    app.add_flag("--accept-drift", wishes.accept_drift,
                 "go on from tables that somebody else has changed; recorded in the ledger");
}

std::function<Run(CLI::App&)>
takes_migration(std::string about, std::vector<void (*)(CLI::App&, RunnerWishes&)> wishes,
                int (*run)(const MigrationOptions&, Workspace&))
{
    return [about = std::move(about), wishes = std::move(wishes), run](CLI::App& app) -> Run {
        const auto options = std::make_shared<MigrationOptions>();
        app.add_option("MIGRATION", options->migration, about);
        for (const auto define : wishes) {
            define(app, options->wishes);
        }
        return [options, run](Workspace& workspace) { return run(*options, workspace); };
    };
}

} // namespace sluice
