#pragma once
// The versions of a schema that a migration makes, changes and ends. What its own version shows is
// worked out from the plan: the tables as expand leaves them, under the names that contract gives
// them. What contract puts aside ends the earlier versions that show it. Private to plan/.

#include "sluice/migration/migration.h"
#include "sluice/plan/changes/outline.h"
#include "sluice/plan/draft.h"

#include <optional>
#include <vector>

namespace sluice {

struct Versions {
    std::optional<VersionSchema> made;       ///< as from expand on
    std::optional<VersionSchema> contracted; ///< the same as from contract on
    std::vector<VersionSchema> ended;        ///< by contract: they show what it puts aside
};

/// Throws Error{refused} for a version that could not show what it should.
[[nodiscard]] Versions versions_of(const Migration& migration, const std::vector<Outline>& outlines,
                                   const Catalog& catalog, const Dialect& dialect);

// Each in its place in the plan.
void add_version_made(Draft& draft, const Versions& versions);
void add_versions_before_swap(Draft& draft, const Versions& versions);
void add_versions_after_swap(Draft& draft, const Versions& versions);
void add_versions_purged(Draft& draft, const Versions& versions);

} // namespace sluice
