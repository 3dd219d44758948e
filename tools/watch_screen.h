#pragma once
// `sluice watch` on a terminal: a list of the runs, one of them opened with Enter, and keys that
// ask for what the commands of the same names ask.

#include "lookout.h"

namespace sluice {

/// Until all runs have ended, `q`, or a request to stop. The terminal is as it was afterwards.
void watch_on_screen(Workspace& workspace, Lookout& lookout);

} // namespace sluice
