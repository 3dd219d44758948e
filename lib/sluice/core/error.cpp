#include "sluice/core/error.h"

#include <utility>

namespace sluice {

bool is_retryable(Cause cause)
{
    switch (cause) {
    case Cause::deadlock:
    case Cause::serialization:
    case Cause::lock_timeout:
    case Cause::statement_timeout:
    case Cause::connection_lost:
        return true;
    case Cause::none:
    case Cause::syntax:
    case Cause::unknown_object:
    case Cause::constraint:
    case Cause::cancelled:
    case Cause::read_only:
    case Cause::out_of_space:
    case Cause::permission:
    case Cause::other:
        return false;
    }
    return false;
}

Error::Error(ErrorKind error_kind, std::string text) : Error(error_kind, std::move(text), Details{})
{
}

Error::Error(ErrorKind error_kind, std::string text, Details more)
    : kind(error_kind), message(std::move(text)), details(std::move(more))
{
}

const char* Error::what() const noexcept
{
    return message.c_str();
}

} // namespace sluice
