#include "sluice/state/ledger.h"

namespace sluice {
} // namespace sluice
