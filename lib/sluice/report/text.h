#pragma once
// Results as people read them. (A plan prints itself: plan/action.h, golden files hold that text.)

#include "sluice/core/error.h"
#include "sluice/db/findings.h"
#include "sluice/report/output.h"
#include "sluice/run/gate.h"
#include "sluice/run/reasons.h"
#include "sluice/run/runner.h"
#include "sluice/run/under_way.h"
#include "sluice/state/bad_rows.h"
#include "sluice/state/brake.h"
#include "sluice/state/history.h"
#include "sluice/state/lease.h"
#include "sluice/state/ledger.h"
#include "sluice/state/ranges.h"
#include "sluice/state/runs.h"
#include "sluice/verify/verify.h"

#include <optional>
#include <string>
#include <vector>

namespace sluice {

[[nodiscard]] std::string status_text(const std::vector<MigrationStatus>& status,
                                      const std::vector<RunRecord>& runs,
                                      const std::optional<LeaseHolder>& holder,
                                      const Output& output);
[[nodiscard]] std::string runs_text(const std::vector<RunRecord>& runs, const Output& output);
[[nodiscard]] std::string run_text(const RunRecord& run, const std::vector<RangeRecord>& ranges);
/// What stands above all of them where every run is stopped; else empty.
[[nodiscard]] std::string brake_text(const BrakeRecord& brake, const Output& output);
[[nodiscard]] std::string migration_text(const MigrationRecord& migration,
                                         const std::vector<ActionRecord>& actions,
                                         const Output& output);
[[nodiscard]] std::string verify_text(const std::string& migration,
                                      const std::vector<VerifyReport>& reports,
                                      const Output& output);
[[nodiscard]] std::string gate_text(const std::string& migration, const GateReport& report,
                                    const Output& output);
[[nodiscard]] std::string findings_text(const std::vector<Finding>& findings, const Output& output);
[[nodiscard]] std::string ledger_text(const std::vector<LedgerEntry>& entries);
[[nodiscard]] std::string explanation_text(const Explanation& explanation, const Output& output);
[[nodiscard]] std::string bad_rows_text(const std::vector<BadRow>& rows);
/// "runner      ada@host since …: building index: scanning table, 61 % (…)"; empty for nobody.
[[nodiscard]] std::string under_way_text(const std::optional<UnderWay>& doing);
[[nodiscard]] std::string holder_text(const LeaseHolder& holder);
/// "error: …", then the statement and the hint where there are any.
[[nodiscard]] std::string error_text(const Error& error, const Output& output);

/// How far a run is: "61 %", "sweep 2", "done".
[[nodiscard]] std::string progress_of(const RunRecord& run);
/// What a run does and what was asked of it: "running", "paused", "held", "running, asked to
/// pause".
[[nodiscard]] std::string state_of(const RunRecord& run);

} // namespace sluice
