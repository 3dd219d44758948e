#pragma once
// The readers of a migration file's sections, one source file each. Only reader.cpp calls them.

#include "sluice/migration/migration.h"
#include "sluice/migration/section.h"

namespace sluice {

/// [[change]], by its kind.
[[nodiscard]] Change read_change(const Section& section);

[[nodiscard]] SqlStep read_sql_step(const Section& section);      ///< [[expand]], [[contract]]
[[nodiscard]] BackfillStep read_backfill(const Section& section); ///< [[backfill]]
[[nodiscard]] VerifyStep read_verify(const Section& section);     ///< [[verify]]

[[nodiscard]] GateSettings read_gate(const Section& section); ///< [gate]

/// [pace], of a migration file or of an environment: both take the same keys.
[[nodiscard]] PaceSettings read_pace(const Section& section);

/// Refuses two changes of one column in one file.
void check_targets(const std::vector<Change>& changes);

/// The changes and phases as one line of JSON: what the hash is taken over. SQL texts are kept as
/// written, with their white space; keys of engine tables are sorted; what is absent is left out.
[[nodiscard]] std::string canonical_definition(const Migration& migration);

/// 32 hex digits (XXH3, 128 bits).
[[nodiscard]] std::string definition_hash(std::string_view definition);

} // namespace sluice
