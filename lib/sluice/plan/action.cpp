#include "sluice/plan/action.h"

namespace sluice {
} // namespace sluice
