#pragma once
// Results and events as machines read them: one line of JSON each, `format_version` first. Fields
// may be added within a version of the format; none is renamed, removed or given another meaning.
// Times are UTC text as recorded, durations end in their unit, an absent thing is null.

#include "sluice/core/error.h"
#include "sluice/core/event.h"
#include "sluice/db/findings.h"
#include "sluice/plan/action.h"
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

inline constexpr int format_version = 1;

[[nodiscard]] std::string event_json(const Event& event);
[[nodiscard]] std::string error_json(const Error& error, int exit_code);
[[nodiscard]] std::string status_json(const std::vector<MigrationStatus>& status,
                                      const std::vector<RunRecord>& runs,
                                      const std::optional<LeaseHolder>& holder,
                                      const BrakeRecord& brake);
[[nodiscard]] std::string plans_json(const std::vector<Plan>& plans);
[[nodiscard]] std::string runs_json(const std::vector<RunRecord>& runs, const BrakeRecord& brake);
[[nodiscard]] std::string run_json(const RunRecord& run, const std::vector<RangeRecord>& ranges,
                                   const BrakeRecord& brake);
/// {"brake": {"actor", "reason", "at"}}, null where runs may work.
[[nodiscard]] std::string brake_json(const BrakeRecord& brake);
[[nodiscard]] std::string migration_json(const MigrationRecord& migration,
                                         const std::vector<ActionRecord>& actions,
                                         const std::optional<UnderWay>& doing);
/// {"runner": null} or with the runner and its statement.
[[nodiscard]] std::string under_way_json(const std::optional<UnderWay>& doing);
[[nodiscard]] std::string verify_json(const std::string& version,
                                      const std::vector<VerifyReport>& reports);
[[nodiscard]] std::string gate_json(const std::string& version, const GateReport& report);
[[nodiscard]] std::string ledger_json(const std::vector<LedgerEntry>& entries);
[[nodiscard]] std::string findings_json(const std::vector<Finding>& findings);
[[nodiscard]] std::string explanation_json(const Explanation& explanation);
[[nodiscard]] std::string bad_rows_json(std::int64_t run, const std::vector<BadRow>& rows);
[[nodiscard]] std::string unlock_json(const std::optional<LeaseHolder>& holder);
/// {"format_version":1,"result":"done", …}: how a command that works ended.
[[nodiscard]] std::string result_json(const std::string& command, const std::string& result,
                                      const std::string& text);

} // namespace sluice
