#pragma once
// The exit codes of the program: 0 done, 1 work pending or findings, 2 failed, 3 refused, 4 held by
// another, 64 usage, 130 interrupted with the checkpoint kept.

#include "sluice/core/error.h"

namespace sluice {

namespace exit_code {
inline constexpr int done = 0;
inline constexpr int pending = 1;
inline constexpr int failed = 2;
inline constexpr int refused = 3;
inline constexpr int held = 4;
inline constexpr int usage = 64;
inline constexpr int interrupted = 130;
} // namespace exit_code

[[nodiscard]] constexpr int exit_code_of(ErrorKind kind)
{
    switch (kind) {
    case ErrorKind::usage:
        return exit_code::usage;
    case ErrorKind::refused:
        return exit_code::refused;
    case ErrorKind::held:
        return exit_code::held;
    case ErrorKind::interrupted:
        return exit_code::interrupted;
    case ErrorKind::definition:
    case ErrorKind::connection:
    case ErrorKind::sql:
    case ErrorKind::internal:
        return exit_code::failed;
    }
    return exit_code::failed;
}

} // namespace sluice
