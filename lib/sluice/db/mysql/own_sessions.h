#pragma once
// MySQL shows nobody what a connection is for. So each of ours that works or watches holds a named
// lock made of its number, which every session can ask about. Private to db/mysql/.

#include <string>
#include <string_view>

namespace sluice {

/// SQL that takes the lock.
[[nodiscard]] inline std::string mark_own_session()
{
    return "SELECT GET_LOCK(concat('sluice_session_', connection_id()), 0)";
}

/// SQL that is true where the connection with this number holds it.
[[nodiscard]] inline std::string is_own_session(std::string_view number)
{
    const std::string id(number);
    return "coalesce(is_used_lock(concat('sluice_session_', " + id + ")) = " + id + ", 0)";
}

} // namespace sluice
