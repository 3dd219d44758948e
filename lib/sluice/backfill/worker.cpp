#include "sluice/backfill/worker.h"

namespace sluice {
} // namespace sluice
