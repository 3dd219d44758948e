#pragma once
// Rows that a backfill could not change and went past: each with its key and what the server said
// to it. A row is open until somebody has it tried again with success, or waives it; the gate
// before contract stays shut meanwhile.

#include "sluice/db/session.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

enum class Resolution { open, retried, waived };
[[nodiscard]] std::string_view name_of(Resolution resolution);

struct BadRow {
    std::int64_t id = 0;
    std::int64_t run = 0;
    std::string key;   ///< encoded (backfill/keyset.h)
    std::string error; ///< of the last try
    int tries = 1;
    Resolution resolution = Resolution::open;
    std::string at; ///< server time of the last try or of the resolution, UTC
};

/// How many rows of a run may be set aside, and how many are.
struct BadRowBudget {
    std::int64_t allowed = 0;
    std::int64_t open = 0;
};

/// Every call works inside the caller's transaction where one is open.
class BadRows {
public:
    explicit BadRows(Session& session) : session_(session) {}

    /// To be called in the transaction that moves the cursor past the row. A row that is open
    /// already is counted as tried once more; one that was waived stays waived.
    void add(std::int64_t run, std::string_view key, std::string_view error);
    /// What add() may still add. Whoever else asks waits until the transaction ends: together the
    /// workers of a run set no more rows aside than are allowed.
    [[nodiscard]] BadRowBudget lock_budget(std::int64_t run);
    /// The row is open or waived: add() adds none.
    [[nodiscard]] bool is_set_aside(std::int64_t run, std::string_view key);
    /// The encoded keys of such rows.
    [[nodiscard]] std::vector<std::string> set_aside(std::int64_t run);
    [[nodiscard]] std::vector<BadRow> list(std::int64_t run); ///< oldest first, resolved ones too
    [[nodiscard]] std::int64_t open_count(std::int64_t run);

    /// False: it was not open any more. The row is then locked until the transaction ends, so that
    /// of two that resolve it only one works on it.
    [[nodiscard]] bool resolve(std::int64_t id, Resolution resolution);
    /// It was tried again, in vain.
    void note_failure(std::int64_t id, std::string_view error);

private:
    Session& session_;
};

} // namespace sluice
