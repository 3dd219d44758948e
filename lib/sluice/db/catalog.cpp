#include "sluice/db/catalog.h"

namespace sluice {
} // namespace sluice
