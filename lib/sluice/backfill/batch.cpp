#include "sluice/backfill/batch.h"

namespace sluice {
} // namespace sluice
