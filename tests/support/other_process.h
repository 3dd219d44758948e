#pragma once
// Another process with an open transaction: SQLite's locks are a process's, and the files that it
// has open show which one's.

#include "sluice/db/session.h"
#include "support/database.h"

#include <sys/types.h>

#include <string>

namespace sluice::test {

class OtherProcess {
public:
    /// Returns once it has begun a transaction and executed `sql` in it, which it keeps open until
    /// the end of this object.
    OtherProcess(const TestDatabase& database, const std::string& sql,
                 const SessionOptions& options = {});
    OtherProcess(const OtherProcess&) = delete;
    OtherProcess& operator=(const OtherProcess&) = delete;
    ~OtherProcess();

    [[nodiscard]] pid_t pid() const { return pid_; }

private:
    pid_t pid_ = 0;
    int end_ = 0; ///< closed, it lets the other process go
};

} // namespace sluice::test
