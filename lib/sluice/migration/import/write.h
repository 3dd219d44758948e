#pragma once
// A migration file of written-out steps. Private to migration/import/.

#include "sluice/migration/import/pairing.h"

#include <string>
#include <vector>

namespace sluice {

struct WrittenMigration {
    std::string heading; ///< a comment: where it comes from
    std::string summary;
    std::vector<PairedStep> steps;
    bool has_way_back = false; ///< else each step says undo = false
};

[[nodiscard]] std::string write_migration(const WrittenMigration& migration);

} // namespace sluice
