#include "sluice/db/mysql/dialect.h"

namespace sluice {
} // namespace sluice
