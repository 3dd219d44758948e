#pragma once
// Everything the library has to say while it works. The library never prints: it hands events to a
// Listener, and report/ turns them into text or JSON lines. Events are plain values; texts are
// complete and need no database.

#include <chrono>
#include <cstdint>
#include <string>
#include <variant>

namespace sluice {

struct StateChanged {
    std::string version;
    std::string name;
    std::string from;
    std::string to;
};

enum class Direction { forward, undo };

struct ActionStarted {
    std::string version;
    int ordinal = 0;
    std::string phase;
    std::string summary;
    std::string lock;
    Direction direction = Direction::forward;
};

struct ActionFinished {
    std::string version;
    int ordinal = 0;
    std::string phase;
    std::string summary;
    std::chrono::microseconds took{0};
    bool was_done_before = false; ///< found in effect after a crash; not run again
    Direction direction = Direction::forward;
};

struct ActionFailed {
    std::string version;
    int ordinal = 0;
    std::string phase;
    std::string summary;
    std::string error;
    Direction direction = Direction::forward;
};

/// After each batch, at most a few times a second to a terminal: the renderer thins them out.
struct BatchDone {
    std::int64_t run = 0;
    std::string table;
    std::int64_t rows_scanned = 0; ///< so far, in this run
    std::int64_t rows_changed = 0; ///< so far, in this run
    std::int64_t estimated_rows = 0;
    double rows_per_second = 0;
    std::chrono::microseconds batch_time{0};
    std::int64_t batch_rows = 0;
    int pass = 1;
};

/// Sent when the reason changes, an empty one when the wait is over.
struct Waiting {
    std::int64_t run = 0;
    std::string reason;
};

struct Retrying {
    std::string what;
    int attempt = 0;
    std::chrono::milliseconds delay{0};
    std::string error;
};

/// A statement of an action that takes longer than a moment; about once a second.
struct StatementGoesOn {
    std::string version;
    int ordinal = 0;
    std::string phase;
    std::string summary;
    Direction direction = Direction::forward;
    std::chrono::seconds elapsed{0};
    std::string doing;      ///< as the server says it; empty: it does not
    std::int64_t done = 0;  ///< of `total`
    std::int64_t total = 0; ///< 0: unknown
    std::string unit;       ///< "blocks", "rows", "transactions", "%"
    std::string waits_for;  ///< who stands in its way; empty: nobody, or the server does not tell
};

/// A sentence worth reading that is neither progress nor an error.
struct Note {
    std::string text;
};

using Event = std::variant<StateChanged, ActionStarted, ActionFinished, ActionFailed, BatchDone,
                           Waiting, Retrying, Note, StatementGoesOn>;

class Listener {
public:
    Listener() = default;
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    virtual ~Listener() = default;

    /// May be called from any thread that works; an implementation with state locks. Must not
    /// throw.
    virtual void on(const Event& event) = 0;
};

} // namespace sluice
