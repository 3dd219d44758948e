#include "sluice/state/schema.h"

namespace sluice {
} // namespace sluice
