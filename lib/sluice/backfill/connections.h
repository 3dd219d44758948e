#pragma once
// The two connections of a worker, opened when they are needed: one for its batches, one for
// everything that must last (claims, observations, the end of a range). Private to backfill/.

#include "sluice/backfill/work_sql.h"
#include "sluice/db/session.h"
#include "sluice/plan/action.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace sluice {

class WorkerConnections {
public:
    WorkerConnections(const Connect& connect, std::int64_t run, const BackfillWork& work)
        : connect_(connect), purpose_("run " + std::to_string(run)), work_(work)
    {
    }

    Session& batches()
    {
        if (!batches_) {
            batches_.emplace(
                connect_({.purpose = purpose_,
                          .statement_timeout = longest_batch,
                          .durability = Durability::relaxed,
                          .batch = true,
                          .simultaneous_assignments = assigns_several_columns(work_)}));
        }
        return *batches_;
    }

    Session& control()
    {
        if (!control_) {
            control_.emplace(connect_({.purpose = purpose_ + " control"}));
        }
        return *control_;
    }

    /// After one was lost the other is not trusted either.
    void drop()
    {
        batches_.reset();
        control_.reset();
    }

private:
    /// A batch that takes longer holds its locks for too long: it is tried again with fewer rows.
    static constexpr std::chrono::seconds longest_batch{30};

    const Connect& connect_;
    std::string purpose_;
    const BackfillWork& work_;
    std::optional<Session> batches_;
    std::optional<Session> control_;
};

} // namespace sluice
