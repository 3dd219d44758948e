#pragma once
// What in a database would hurt a backfill, or be hurt by it, as far as the server tells: for
// people to read before they start one. Nothing is changed.

#include "sluice/db/session.h"
#include "sluice/db/table.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

enum class Severity {
    note,    ///< good to know
    warning, ///< will cost time, space or patience
    problem, ///< see to it before a backfill begins
};
[[nodiscard]] std::string_view name_of(Severity severity);

struct Finding {
    Severity severity = Severity::note;
    std::string check;  ///< "idle_in_transaction": the same word for the same thing, always
    std::string found;  ///< what there is
    std::string harm;   ///< why it hurts
    std::string remedy; ///< what to do

    friend bool operator==(const Finding&, const Finding&) = default;
};

/// Beyond which something is worth a finding.
struct FindingLimits {
    std::chrono::seconds transaction_age{60};
    std::chrono::seconds replica_lag{10};
    std::int64_t kept_log_bytes = std::int64_t{1} << 30U;  ///< PostgreSQL: WAL that a slot keeps
    std::int64_t wal_file_bytes = std::int64_t{64} << 20U; ///< SQLite
    std::int64_t history_length = 100'000;                 ///< InnoDB: old versions of rows
    double free_space = 1;                                 ///< SQLite: times the file's size
};

/// What shows only before a session is opened: one puts a SQLite file into WAL mode.
[[nodiscard]] std::vector<Finding> findings_before_opening(const Url& url);

/// Of the server, the database, and these tables. What this user may not see is a finding.
[[nodiscard]] std::vector<Finding>
database_findings(Session& session, const std::vector<Table>& tables, const FindingLimits& limits);

} // namespace sluice
