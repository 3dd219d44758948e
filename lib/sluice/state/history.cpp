#include "sluice/state/history.h"

namespace sluice {
} // namespace sluice
