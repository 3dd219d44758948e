#pragma once
// Carries out rendered actions the way the runner does, without its records: in transactions, step
// by step with probes, or under LOCK TABLES.

#include "sluice/db/alteration.h"
#include "sluice/db/session.h"

#include <string>
#include <vector>

namespace sluice::test {

void apply(Session& session, const std::vector<Rendered>& actions);
void undo(Session& session, const std::vector<Rendered>& actions);

/// Renders the group and applies it; returns what undo() takes.
std::vector<Rendered> carry_out(Session& session, const std::vector<Alteration>& group,
                                const Table& table);

/// A column of a table made for a test.
[[nodiscard]] Column column(const Dialect& dialect, const std::string& name,
                            const std::string& type);

} // namespace sluice::test
