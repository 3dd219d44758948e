#include "sluice/db/alteration.h"

namespace sluice {
} // namespace sluice
