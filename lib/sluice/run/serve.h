#pragma once
// The long-running worker: looks for runs that want to be worked on, made by whatever process, and
// works on each of them beside whoever does so already, until it is asked to stop. It needs no
// migration files: the work is what was recorded when the migration began. What a run's end means
// for its migration is for `apply` or `migrate` to say.

#include "sluice/core/clock.h"
#include "sluice/core/event.h"
#include "sluice/db/session.h"
#include "sluice/state/actor.h"

#include <chrono>
#include <stop_token>
#include <string>
#include <vector>

namespace sluice {

struct ServeOptions {
    Actor actor;
    std::vector<std::string> trusted_commands;  ///< as in BackfillOptions
    std::chrono::milliseconds look_every{1000}; ///< for runs, where the engine sends no notice
};

/// Returns when stop is requested, each run's batch finished and its checkpoint kept. A run that
/// fails is told to the listener and left until somebody asks for it again; a lost connection is
/// waited out. Throws Error only where the database refuses from the start.
void serve(const Connect& connect, Clock& clock, Listener& listener, const std::stop_token& stop,
           const ServeOptions& options);

} // namespace sluice
