#pragma once
// A server of a test's own, of the engine under test, to be killed and started again.

#include "support/temporary_directory.h"

#include <string>

namespace sluice::test {

class PrivateServer {
public:
    PrivateServer();
    PrivateServer(const PrivateServer&) = delete;
    PrivateServer& operator=(const PrivateServer&) = delete;
    ~PrivateServer();

    /// Makes a database; returns its URL.
    [[nodiscard]] std::string make_database();

    /// kill -9 of all its processes.
    void crash() const { call("crash"); }

    /// Starts it on what the crash left; returns when it takes connections.
    void restart() const { call("restart"); }

private:
    void call(const std::string& verb) const;

    TemporaryDirectory directory_;
    int databases_ = 0;
};

} // namespace sluice::test
