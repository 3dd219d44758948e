#pragma once
// The statements of one action, in the one direction: each waits for its locks as long as it may,
// is watched while it runs, tried again where that can help, and leaves nothing half built behind.
// Private to run/.

#include "sluice/run/workplace.h"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace sluice {

class TableLock;

class Steps {
public:
    struct Of {
        const std::string& version; ///< of the migration
        const Action& action;
        const SchemaWork& work; ///< of the direction
        Direction direction;
    };

    /// All that it is given outlives it.
    Steps(Workplace& workplace, Of of) : workplace_(workplace), of_(of) {}

    /// Where each commits by itself: those that are not in effect, again as often as it takes.
    void run();

    /// One of them, as it is.
    void execute(const Step& step);

    /// Then nothing of sluice's is to be locked meanwhile.
    [[nodiscard]] bool may_take_hours();

    /// What earlier tries have left of them in the tables.
    void sweep_leftovers();

private:
    void run_locked();
    void refuse_other_writers();
    void run_one(const Step& step);
    void sweep_leftovers_of(const Step& step);
    [[nodiscard]] std::unique_ptr<TableLock> lock_tables();
    [[nodiscard]] bool is_patient(const Step& step);
    [[nodiscard]] StatementWatch::Subject subject() const;
    [[nodiscard]] bool went_through_at_once(const std::function<void()>& send);

    [[nodiscard]] std::chrono::milliseconds lock_timeout() const
    {
        return workplace_.surroundings().options.lock_timeout;
    }

    [[nodiscard]] Session& session() { return workplace_.session(); }

    Workplace& workplace_;
    Of of_;
};

} // namespace sluice
