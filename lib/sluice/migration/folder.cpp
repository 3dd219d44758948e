#include "sluice/migration/folder.h"

namespace sluice {
} // namespace sluice
