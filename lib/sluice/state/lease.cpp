#include "sluice/state/lease.h"

namespace sluice {
} // namespace sluice
