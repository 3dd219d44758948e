#pragma once
// One record, one JSON value: what json.cpp puts together and json_events.cpp shares. Not public.

#include "sluice/report/json.h"

#include <nlohmann/json.hpp>

namespace sluice {

/// Keeps the order in which fields are written, so that `format_version` comes first.
using Json = nlohmann::ordered_json;

[[nodiscard]] std::string line_of(const Json& value);
[[nodiscard]] Json or_null(const std::string& text);
[[nodiscard]] std::string_view name_of(ErrorKind kind);
[[nodiscard]] Json value_of(const MigrationStatus& status);
[[nodiscard]] Json value_of(const RunRecord& run);
[[nodiscard]] Json value_of(const RangeRecord& range);
[[nodiscard]] Json value_of(const MigrationRecord& migration);
[[nodiscard]] Json value_of(const ActionRecord& record);
[[nodiscard]] Json value_of(const Plan& plan);
[[nodiscard]] Json value_of(const VerifyReport& report);
[[nodiscard]] Json value_of(const GateCondition& condition);
[[nodiscard]] Json value_of(const LedgerEntry& entry);
[[nodiscard]] Json value_of(const LeaseHolder& holder);
[[nodiscard]] Json value_of(const BadRow& row);
/// null where the runs may work
[[nodiscard]] Json value_of(const BrakeRecord& brake);

} // namespace sluice
