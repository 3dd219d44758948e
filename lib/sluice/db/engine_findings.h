#pragma once
// What each engine's folder looks at. Private to db/.

#include "sluice/db/findings.h"

#include <functional>

namespace sluice {

[[nodiscard]] std::vector<Finding> postgresql_findings(Session& session,
                                                       const std::vector<Table>& tables,
                                                       const FindingLimits& limits);
/// Of one table, by its statistics and storage parameters.
void add_postgresql_table_findings(std::vector<Finding>& findings, Session& session,
                                   const Table& table);
[[nodiscard]] std::vector<Finding>
mysql_findings(Session& session, const std::vector<Table>& tables, const FindingLimits& limits);
[[nodiscard]] std::vector<Finding> sqlite_findings(Session& session, const FindingLimits& limits);
[[nodiscard]] std::vector<Finding> sqlite_file_findings(const std::string& path);

/// Runs a check that this user may not be allowed to; then that is the finding. A lost connection
/// passes through.
void add_checked(std::vector<Finding>& findings, const std::string& what,
                 const std::function<std::vector<Finding>()>& check);

/// "3 h 20 min", "45 s".
[[nodiscard]] std::string age_text(std::chrono::seconds age);
/// "12 MiB", "3.4 GiB".
[[nodiscard]] std::string size_text(double bytes);

} // namespace sluice
