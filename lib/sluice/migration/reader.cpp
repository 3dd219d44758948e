#include "sluice/migration/reader.h"

namespace sluice {
} // namespace sluice
