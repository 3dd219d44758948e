#pragma once
// What a migration file names, found in the catalog, or an error that says where in the file, what
// is there instead, and what is nearest. Private to plan/.

#include "sluice/db/catalog.h"
#include "sluice/db/dialect.h"
#include "sluice/migration/migration.h"

#include <string>
#include <vector>

namespace sluice {

/// A mistake in the file: "FILE:LINE:COLUMN: problem". Throws Error{definition}.
[[noreturn]] void fail_at(const Location& location, const std::string& problem, std::string hint);

/// What the file asks for must not or cannot be done: throws Error{refused} with the way out.
[[noreturn]] void refuse_at(const Location& location, const std::string& problem, std::string hint);

/// Throws Error{definition} for a table that is not there.
[[nodiscard]] const Table& require_table(const Catalog& catalog, const TableName& name,
                                         const Location& location);

/// Throws Error{definition} for a column that is not there.
[[nodiscard]] const Column& require_column(const Table& table, const std::string& name,
                                           const Location& location);

/// The text for the engine at hand. Throws Error{definition} where the file gives none; `what` is
/// how the text is called in the file: "`up`".
[[nodiscard]] std::string require_text(const EngineText& text, const Dialect& dialect,
                                       const std::string& what, const Location& location);

/// nullopt where `text` is not given at all.
[[nodiscard]] std::optional<std::string> optional_text(const std::optional<EngineText>& text,
                                                       const Dialect& dialect,
                                                       const std::string& what,
                                                       const Location& location);

[[nodiscard]] std::vector<std::string> column_names(const Table& table);
/// "did you mean …?", or which names there are.
[[nodiscard]] std::string nearest_hint(std::string_view found,
                                       const std::vector<std::string>& known);
/// "a", "b" and "c", each in double quotes.
[[nodiscard]] std::string quoted_names(const std::vector<std::string>& names);
[[nodiscard]] bool contains(const std::vector<std::string>& names, std::string_view name);

} // namespace sluice
