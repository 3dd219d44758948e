#pragma once
// The slices of a run's key space. A range is what a worker leases: it holds the cursor, and the
// token that opens the fence of a batch. All ranges of a pass together cover the table up to the
// run's upper bound, without gap or overlap.

#include "sluice/db/session.h"
#include "sluice/state/actor.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

enum class RangeState { open, done };

struct RangeRecord {
    std::int64_t run = 0;
    int ordinal = 0;
    std::string lower;  ///< encoded key (backfill/keyset.h); empty: before the first row
    std::string upper;  ///< encoded key; empty: the table has no rows
    std::string cursor; ///< encoded key; empty: before the first row
    RangeState state = RangeState::open;
    std::string lease_owner; ///< owner_text of its worker
    std::string lease_token;
    std::string lease_expires;
    bool is_free = false; ///< nobody holds it, by the server's clock
    std::int64_t rows_scanned = 0;
    std::int64_t rows_changed = 0;
    std::int64_t batches = 0;
    std::int64_t retries = 0;
    std::int64_t rows_now = 0; ///< rows that its worker takes in a batch at the moment; 0: none yet
    std::int64_t p50_us = 0;   ///< of its last hundred batches, without waits for locks
    std::int64_t p99_us = 0;
};

/// How a worker sees the rhythm of its batches.
struct Rhythm {
    std::int64_t rows_now = 0;
    std::int64_t p50_us = 0;
    std::int64_t p99_us = 0;
};

/// The right to a range, as its worker proves it.
struct Held {
    std::int64_t run = 0;
    int ordinal = 0;
    std::string token;
};

/// Nobody else has it: what a worker claims a range with.
[[nodiscard]] std::string new_token();

/// Not a slice: the right to make the final check of a pass, leased like one.
inline constexpr int check_ordinal = 0;

class Ranges {
public:
    explicit Ranges(Session& session) : session_(session) {}

    [[nodiscard]] std::vector<RangeRecord> all(std::int64_t run); ///< by ordinal, without the check
    [[nodiscard]] std::optional<RangeRecord> find(std::int64_t run, int ordinal);

    /// Starts a pass: open ranges from the beginning over `cuts` (encoded keys, ascending) to
    /// `upper`. The counters of the ranges before are kept, in the first.
    void open_pass(std::int64_t run, int pass, const std::vector<std::string>& cuts,
                   std::string_view upper);

    /// Takes the range with a new token. False when another, living owner holds it; one whose
    /// process is seen to be gone on this machine is not waited for.
    [[nodiscard]] bool claim(std::int64_t run, int ordinal, const Actor& owner,
                             const std::string& token, std::chrono::seconds lease);
    /// False: the range is no longer ours.
    [[nodiscard]] bool renew(const Held& held, std::chrono::seconds lease);
    /// Gives a range back before its lease ends, so that nobody waits for one who is not working.
    void release(const Held& held);
    /// Marks a range done whose cursor is at its upper bound. On a session of full durability: what
    /// a gate reads later must not be undone by a crash of the server. False when the range is not
    /// ours.
    [[nodiscard]] bool close(const Held& held);

    /// The range as it is, its row locked against every batch until the transaction ends.
    [[nodiscard]] std::optional<RangeRecord> lock(std::int64_t run, int ordinal);
    /// Makes what a locked range has after `at` a range of its own; returns its ordinal. That `at`
    /// lies between cursor and upper bound is the caller's to know.
    [[nodiscard]] int cut(const RangeRecord& locked, std::string_view at);

    /// Moves the cursor of a locked range, and opens it again. False while a worker, alive as far
    /// as is known, has the range.
    [[nodiscard]] bool move(const RangeRecord& locked, std::string_view cursor);

    /// Counts batches that were tried again.
    void add_retries(const Held& held, std::int64_t retries);
    void note_rhythm(const Held& held, const Rhythm& rhythm);

private:
    [[nodiscard]] Sql update() const;
    static void append_held(Sql& sql, const Held& held);
    void insert(const RangeRecord& range);

    Session& session_;
};

} // namespace sluice
