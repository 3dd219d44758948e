#pragma once
// What hangs on PostgreSQL's tables and columns besides what a definition says: settings of
// statistics and storage, privileges, row-level security, replica identity, policies, statistics
// objects, publications, rules, comments. Private to db/.

#include "sluice/db/session.h"
#include "sluice/db/table.h"

#include <map>
#include <string>

namespace sluice::postgresql {

/// Fills them in for tables under construction, by oid.
void read_attributes(Session& session, std::map<std::string, Table>& tables);

} // namespace sluice::postgresql
