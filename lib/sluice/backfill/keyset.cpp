#include "sluice/backfill/keyset.h"

namespace sluice {
} // namespace sluice
