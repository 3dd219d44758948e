#include "sluice/run/runner.h"

namespace sluice {
} // namespace sluice
