#include "sluice/migration/change.h"

namespace sluice {
} // namespace sluice
