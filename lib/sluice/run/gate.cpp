#include "sluice/run/gate.h"

namespace sluice {
} // namespace sluice
