#include "sluice/migration/migration.h"

namespace sluice {
} // namespace sluice
