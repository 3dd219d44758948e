#include "wishes.h"

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

} // namespace sluice
