#pragma once
// The phases as they are written out in a file: statements, backfills and verifications, held
// against the tables. Private to plan/.

#include "sluice/migration/migration.h"
#include "sluice/plan/draft.h"

#include <string>
#include <vector>

namespace sluice {

/// Adds a [[expand]] or [[contract]] statement.
void add_statement(Draft& draft, Phase phase, const SqlStep& step);

/// Adds a [[backfill]]. `expand_sql` is the text of the file's own expand statements: a column or
/// a target table that does not exist yet must be named there.
void add_backfill(Draft& draft, const BackfillStep& step, const std::string& expand_sql);

/// Adds a [[verify]], or, for a backfill that the file does not verify, that no row needs work.
void add_verification(Draft& draft, const VerifyStep& step);
void add_verification(Draft& draft, const BackfillStep& step);

/// Notes the user's own triggers that a backfill of the table fires with each row.
void note_triggers(Draft& draft, const Table& table, std::string_view event);

/// The file's own expand statements for the engine, one a line.
[[nodiscard]] std::string expand_sql(const Migration& migration, const Dialect& dialect);

} // namespace sluice
