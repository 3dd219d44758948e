#pragma once
// What statements lock and how they may wait for it: the part of the dialect that the runner keeps
// the application safe with. As immutable as the rest of it.

#include "sluice/db/rendered.h"
#include "sluice/db/table.h"

#include <string>
#include <string_view>
#include <vector>

namespace sluice {

class LockDialect {
public:
    LockDialect() = default;
    LockDialect(const LockDialect&) = delete;
    LockDialect& operator=(const LockDialect&) = delete;
    virtual ~LockDialect() = default;

    /// What holds the tables of an action in Mode::locked against everybody else, from its first
    /// step to its last, and what lets them go.
    [[nodiscard]] virtual std::string lock_tables(const std::vector<TableName>& tables) const;
    [[nodiscard]] virtual std::string unlock_tables() const;
    /// How a user's own statement runs: atomic where the engine can (CREATE INDEX CONCURRENTLY
    /// cannot), else standalone.
    [[nodiscard]] virtual Mode mode_of(std::string_view sql) const = 0;
    /// The lock that a user's own statement takes, for people; "" where unknown.
    [[nodiscard]] virtual std::string lock_of(std::string_view sql) const = 0;
    /// May this statement wait for locks as long as it takes, because nobody but other changes of
    /// the schema queues behind it while it does (a concurrent index build, a validation)?
    [[nodiscard]] virtual bool is_patient(std::string_view sql) const;
    /// A query of statements, one a row, that sweep away what an earlier try of this statement that
    /// did not end well has left in the tables; "" where a try leaves nothing.
    [[nodiscard]] virtual std::string leftovers_of(std::string_view sql,
                                                   const std::vector<TableName>& tables) const;
    /// What a user's own statement should say so that it never takes a stronger lock than it needs,
    /// what is said of it ("says neither …"); "" for nothing.
    [[nodiscard]] virtual std::string lock_advice(std::string_view sql) const;
};

} // namespace sluice
