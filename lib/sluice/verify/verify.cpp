#include "sluice/verify/verify.h"

namespace sluice {
} // namespace sluice
