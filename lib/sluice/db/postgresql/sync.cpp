#include "sluice/db/postgresql/dialect.h"

namespace sluice {
} // namespace sluice
