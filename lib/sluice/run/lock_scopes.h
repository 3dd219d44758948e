#pragma once
// What a session is allowed, or holds, for a while. Private to run/.

#include "sluice/db/session.h"
#include "sluice/db/table.h"

#include <chrono>
#include <exception>
#include <optional>
#include <vector>

namespace sluice {

/// While it lives, the session waits for locks so long; nullopt: as long as it takes.
class LockPatience {
public:
    LockPatience(Session& session, std::optional<std::chrono::milliseconds> meanwhile,
                 std::chrono::milliseconds otherwise)
        : session_(session), otherwise_(otherwise)
    {
        session_.set_lock_timeout(meanwhile);
    }

    LockPatience(const LockPatience&) = delete;
    LockPatience& operator=(const LockPatience&) = delete;

    ~LockPatience()
    {
        try {
            session_.set_lock_timeout(otherwise_);
        } catch (const std::exception&) {
            // The session is lost, or its transaction has failed and takes the setting with it.
        }
    }

private:
    Session& session_;
    std::chrono::milliseconds otherwise_;
};

/// Holds tables against everybody else until release(), and no longer than it lives.
class TableLock {
public:
    TableLock(Session& session, const std::vector<TableName>& tables) : session_(session)
    {
        session_.execute(session_.dialect().lock_tables(tables));
    }

    TableLock(const TableLock&) = delete;
    TableLock& operator=(const TableLock&) = delete;

    ~TableLock()
    {
        if (is_released_) {
            return;
        }
        try {
            session_.execute(session_.dialect().unlock_tables());
        } catch (const std::exception&) {
            // The session is lost, and its locks with it.
        }
    }

    void release()
    {
        is_released_ = true;
        session_.execute(session_.dialect().unlock_tables());
    }

private:
    Session& session_;
    bool is_released_ = false;
};

} // namespace sluice
