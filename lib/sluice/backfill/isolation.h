#pragma once
// What a worker does when a batch fails because of one of its rows: tries half of them, then half
// of those, until one row is left that fails by itself, and goes past it, recording it, as far as
// the run's budget allows. The halves that succeed are batches like any other. Private to
// backfill/.

#include "sluice/backfill/batch.h"
#include "sluice/core/error.h"
#include "sluice/core/event.h"

#include <cstdint>
#include <string>

namespace sluice {

class Isolation {
public:
    Isolation(const BackfillWork& work, Listener& listener) : work_(work), listener_(listener) {}

    /// As run_batch, with fewer rows while a bad one is looked for. Throws an Error that names the
    /// row where no more may be set aside.
    [[nodiscard]] BatchResult batch(Session& session, BatchRequest request, const Pace& pace);

private:
    [[nodiscard]] BatchResult one_row(Session& session, const BatchRequest& request);
    [[nodiscard]] BatchResult work_alone(Session& session, const BatchRequest& request,
                                         const std::string& key);
    [[nodiscard]] BatchResult set_aside(Session& session, const BatchRequest& request,
                                        const std::string& key, const Error& error);

    const BackfillWork& work_;
    Listener& listener_;
    std::string from_;          ///< encoded; the cursor that the suspects follow
    std::int64_t suspects_ = 0; ///< of so many rows one is bad
};

} // namespace sluice
