#include "lookout.h"

namespace sluice {

Session& Lookout::session()
{
    if (!session_) {
        session_.emplace(workspace_.open());
    }
    return *session_;
}

void Lookout::give_up_session(const Error& error)
{
    if (!is_retryable(error.details.cause)) {
        throw error;
    }
    session_.reset();
    trouble_ = "the database does not answer, looking again: " + error.message;
}

} // namespace sluice
