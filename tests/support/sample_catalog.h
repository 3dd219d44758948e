#pragma once
// A small schema as each engine's catalog would show it, for plans that are made without a server:
// customers (a key, NOT NULL columns with and without defaults, a unique index, an index over two
// columns, a trigger) and orders, which refers to it.

#include "sluice/db/catalog.h"
#include "sluice/db/dialect.h"

#include <memory>
#include <string>
#include <vector>

namespace sluice::test {

/// Made for a server that is not there: "postgresql" 15, "mysql" (MariaDB 10.11), "sqlite" 3.40.
[[nodiscard]] std::unique_ptr<Dialect> dialect_of(const std::string& engine);

[[nodiscard]] const std::vector<std::string>& all_engines();

[[nodiscard]] Catalog sample_catalog(const Dialect& dialect);

/// A column of the type as this engine writes it.
[[nodiscard]] Column column_of(const Dialect& dialect, const std::string& name,
                               const std::string& type);

/// The customers of a catalog, to be changed before a plan is made.
[[nodiscard]] Table& customers(Catalog& catalog);

} // namespace sluice::test
