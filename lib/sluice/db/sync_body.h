#pragma once
// The rules of sync.h as the statements of a BEFORE trigger, for the two engines whose triggers are
// written in a procedural language. The languages differ in a few words only. Private to db/.

#include "sluice/db/dialect.h"
#include "sluice/db/sync.h"
#include "sluice/db/sync_sql.h"

#include <string>
#include <vector>

namespace sluice {

class Procedural {
public:
    Procedural() = default;
    Procedural(const Procedural&) = delete;
    Procedural& operator=(const Procedural&) = delete;
    virtual ~Procedural() = default;

    [[nodiscard]] virtual std::string else_if() const = 0;
    [[nodiscard]] virtual std::string assign(const std::string& target,
                                             const std::string& value) const = 0;
    /// The same with a value that is computed, and NULL where that raises an error.
    [[nodiscard]] virtual std::string compute(const std::string& target,
                                              const Computed& value) const = 0;
};

/// A variable that the statements use; the trigger declares it with the type of the column.
struct SyncVariable {
    std::string name;
    const Column* column = nullptr;
};

[[nodiscard]] std::vector<SyncVariable> sync_variables(const Sync& sync);

struct SyncBody {
    std::string on_insert; ///< empty: nothing to do
    std::string on_update;
};

[[nodiscard]] SyncBody sync_body(const Dialect& dialect, const Procedural& language,
                                 const Sync& sync);

/// Throws Error{refused} where the sync computes a value from a column that the engine fills only
/// after a BEFORE trigger has run.
void refuse_late_columns(const Sync& sync, Engine engine);

} // namespace sluice
