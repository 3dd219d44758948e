#pragma once
// The schemas of a database, and which of them are versions of others.

#include "sluice/db/catalog.h"

#include <string>

namespace sluice {

class Session;

namespace postgresql {

/// The oids of sluice's own schemas of views, those that were put aside among them: for
/// `= ANY (ARRAY(…))`.
extern const char* const version_schemas;

void read_schemas(Session& session, Catalog& catalog);

} // namespace postgresql

} // namespace sluice
