#include "sluice/plan/action.h"

namespace sluice {

std::string_view name_of(Phase phase)
{
    switch (phase) {
    case Phase::expand:
        return "expand";
    case Phase::migrate:
        return "migrate";
    case Phase::contract:
        return "contract";
    case Phase::purge:
        return "purge";
    }
    return "";
}

} // namespace sluice
