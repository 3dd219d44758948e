#pragma once
// A plan: the ordered actions of one migration on one database. Plain values, made without touching
// anything, printable, and recorded as JSON when a migration starts: what was planned then is what
// runs, resumes and rolls back, even when the file or the schema has changed since.

#include "sluice/db/alteration.h"
#include "sluice/db/catalog.h"
#include "sluice/db/rendered.h"
#include "sluice/migration/migration.h"

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace sluice {

enum class Phase { expand, migrate, contract, purge };
[[nodiscard]] std::string_view name_of(Phase phase);

/// Statements to run; possibly none (an action that only has an undo).
struct SchemaWork {
    Mode mode = Mode::atomic;
    std::vector<Step> steps;

    friend bool operator==(const SchemaWork&, const SchemaWork&) = default;
};

/// A table walked in key order, a batch a transaction.
struct BackfillWork {
    BackfillKind kind = BackfillKind::set;
    TableName table;
    std::vector<Column> key; ///< as found in the catalog
    std::vector<std::pair<std::string, std::string>>
        set; ///< column = SQL; `into`: target column = SQL over the source
    std::optional<TableName> into;
    std::vector<std::string> into_key; ///< columns of the target's key, all among `set`
    std::string needs_work;            ///< boolean SQL; empty: every row
    bool once = false;                 ///< one pass, no sweep, no final check

    friend bool operator==(const BackfillWork&, const BackfillWork&) = default;
};

/// A table walked in key order; `expect` must be true (not false, not NULL) for every row.
struct VerifyWork {
    TableName table;
    std::vector<Column> key;
    std::string expect;
    std::string about; ///< "\"username\" is in step with \"user_name\""

    friend bool operator==(const VerifyWork&, const VerifyWork&) = default;
};

using Work = std::variant<SchemaWork, BackfillWork, VerifyWork>;

struct Action {
    int ordinal = 0; ///< from 1, over the whole plan
    Phase phase = Phase::expand;
    std::string summary; ///< one line, for people
    std::string reason;
    std::string lock; ///< what it takes, for people; empty: row locks of one batch, or none
    Work work;
    std::optional<SchemaWork> undo; ///< nullopt: nothing to undo
    /// Said out loud in the file (undo = false), no undo given, or rows changed in place.
    bool irreversible = false;
    std::vector<TableName> tables; ///< whose schema it touches
    /// It prepares nothing but the way back, which has to come by it.
    bool serves_way_back = false;

    friend bool operator==(const Action&, const Action&) = default;
};

struct Plan {
    std::string version;
    std::string name;
    std::string hash;
    std::vector<Action> actions;    ///< in order of execution, phases ascending
    std::vector<std::string> notes; ///< what a person should know before it runs; one sentence each
    std::vector<TableName> tables;  ///< all that are touched
};

/// One line of JSON and back. Throws Error{internal} on JSON that is no action.
[[nodiscard]] std::string to_json(const Action& action);
[[nodiscard]] Action action_from_json(std::string_view json);

/// The plan as people read it: phases, numbered actions, locks, SQL, undo, notes. Stable: golden
/// files hold it.
[[nodiscard]] std::string to_text(const Plan& plan);

} // namespace sluice
