#include "sluice/db/dialect.h"

namespace sluice {
} // namespace sluice
