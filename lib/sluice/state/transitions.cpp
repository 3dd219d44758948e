#include "sluice/core/error.h"
#include "sluice/state/history.h"

#include <array>
#include <utility>

namespace sluice {

namespace {

constexpr std::array<std::pair<State, std::string_view>, 11> state_names{{
    {State::pending, "pending"},
    {State::expanding, "expanding"},
    {State::expanded, "expanded"},
    {State::migrating, "migrating"},
    {State::migrated, "migrated"},
    {State::contracting, "contracting"},
    {State::contracted, "contracted"},
    {State::purged, "purged"},
    {State::rolling_back, "rolling_back"},
    {State::restoring, "restoring"},
    {State::baselined, "baselined"},
}};

constexpr std::array<std::pair<ActionState, std::string_view>, 6> action_state_names{{
    {ActionState::planned, "planned"},
    {ActionState::intended, "intended"},
    {ActionState::done, "done"},
    {ActionState::undoing, "undoing"},
    {ActionState::undone, "undone"},
    {ActionState::failed, "failed"},
}};

template <class Value, std::size_t N>
std::string_view name_in(const std::array<std::pair<Value, std::string_view>, N>& names,
                         Value value)
{
    for (const auto& entry : names) {
        if (entry.first == value) {
            return entry.second;
        }
    }
    throw Error(ErrorKind::internal, "a state without a name");
}

template <class Value, std::size_t N>
Value value_in(const std::array<std::pair<Value, std::string_view>, N>& names,
               std::string_view name)
{
    for (const auto& entry : names) {
        if (entry.second == name) {
            return entry.first;
        }
    }
    throw Error(ErrorKind::internal, "unknown state \"" + std::string(name) + "\"");
}

} // namespace

std::string_view name_of(State state)
{
    return name_in(state_names, state);
}

State state_from(std::string_view name)
{
    return value_in(state_names, name);
}

std::string_view name_of(ActionState state)
{
    return name_in(action_state_names, state);
}

ActionState action_state_from(std::string_view name)
{
    return value_in(action_state_names, name);
}

bool may_follow(State from, State to)
{
    switch (from) {
    case State::pending:
        return to == State::expanding || to == State::baselined;
    case State::expanding:
        return to == State::expanded || to == State::rolling_back;
    case State::expanded:
        return to == State::migrating || to == State::rolling_back;
    case State::migrating:
        return to == State::migrated || to == State::rolling_back;
    case State::migrated:
        return to == State::contracting || to == State::rolling_back;
    case State::contracting:
        return to == State::contracted || to == State::restoring;
    case State::contracted:
        return to == State::purged || to == State::restoring;
    case State::rolling_back:
    case State::baselined:
        return to == State::pending;
    case State::restoring:
        return to == State::migrated;
    case State::purged:
        return false;
    }
    throw Error(ErrorKind::internal, "unknown state");
}

} // namespace sluice
