#pragma once
// What a Dialect makes of a group of alterations: actions of steps, how they are made safe against
// a crash, and the way back.

#include "sluice/db/table_name.h"

#include <string>
#include <vector>

namespace sluice {

/// How an action's statements are made safe against a crash.
enum class Mode {
    atomic,     ///< all statements and the action's `done` row in one transaction
    standalone, ///< each statement commits by itself: the action is `intended` first, `done` after
    locked, ///< MySQL: standalone, and under LOCK TABLES … WRITE from the first statement to the
            ///< last
};

/// One SQL statement of an action.
struct Step {
    std::string sql;
    /// A query that returns one row with the value 1 once this step has taken effect. Given for
    /// every step that sluice makes in standalone and locked mode; empty where running the step
    /// again is harmless (it says IF EXISTS, OR REPLACE).
    std::string done;
    bool is_repeatable = false;

    friend bool operator==(const Step&, const Step&) = default;
};

/// One action of a rendered group. Undo runs the actions of a migration in reverse order, so what
/// must be validated before the way back is taken is an action of its own, after the others, with
/// no steps forward.
struct Rendered {
    std::string
        summary; ///< "add column \"username\" (character varying(50), nullable) to \"users\""
    std::string reason; ///< why it is needed, one clause; may be empty
    Mode mode = Mode::atomic;
    std::vector<Step> steps;
    Mode undo_mode = Mode::atomic;
    std::vector<Step> undo;
    std::vector<TableName> tables; ///< touched: locked in `locked` mode, held against drift in all
    std::string
        lock; ///< what the forward steps take, for people: "ACCESS EXCLUSIVE on users, brief"
    /// The one action with all of the group that shows; others prepare it, or the way back.
    bool is_main = false;
    /// It prepares nothing but the way back: without what it prepares, the way forward is whole.
    bool serves_way_back = false;
};

} // namespace sluice
