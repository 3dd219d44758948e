#pragma once
// The commands, one file each beside this one.

#include "command.h"

namespace sluice {

[[nodiscard]] Command apply_command();
[[nodiscard]] Command baseline_command();
[[nodiscard]] Command cancel_command();
[[nodiscard]] Command contract_command();
[[nodiscard]] Command doctor_command();
[[nodiscard]] Command ensure_command();
[[nodiscard]] Command expand_command();
[[nodiscard]] Command hold_command();
[[nodiscard]] Command import_command();
[[nodiscard]] Command log_command();
[[nodiscard]] Command metrics_command();
[[nodiscard]] Command migrate_command();
[[nodiscard]] Command new_command();
[[nodiscard]] Command pause_command();
[[nodiscard]] Command plan_command();
[[nodiscard]] Command purge_command();
[[nodiscard]] Command quarantine_command();
[[nodiscard]] Command resume_command();
[[nodiscard]] Command retry_command();
[[nodiscard]] Command rollback_command();
[[nodiscard]] Command runs_command();
[[nodiscard]] Command seek_command();
[[nodiscard]] Command set_command();
[[nodiscard]] Command show_command();
[[nodiscard]] Command status_command();
[[nodiscard]] Command stop_all_command();
[[nodiscard]] Command unlock_command();
[[nodiscard]] Command verify_command();
[[nodiscard]] Command watch_command();
[[nodiscard]] Command why_command();
[[nodiscard]] Command work_command();

} // namespace sluice
