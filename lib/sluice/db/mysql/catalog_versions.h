#pragma once
// The databases beside the connection's own that are versions of it, and who has rights on it.

#include "sluice/db/catalog.h"

namespace sluice {

class Session;

namespace mysql {

/// The view by which a database is known as a version: it holds its record.
constexpr const char* version_marker = "sluice_version";

void read_schemas(Session& session, Catalog& catalog);

} // namespace mysql

} // namespace sluice
