#include "sluice/db/sqlite/dialect.h"

namespace sluice {
} // namespace sluice
