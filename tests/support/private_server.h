#pragma once
// A server of a test's own, of the engine under test: to be killed and started again, with settings
// of its own, followed by a replica, or in a cluster.

#include "sluice/db/session.h"
#include "support/small_disk.h"
#include "support/temporary_directory.h"

#include <string>
#include <vector>

namespace sluice::test {

class PrivateServer;

/// Asks for a replica; on MariaDB of a primary that was started with --log-bin.
struct ReplicaOf {
    const PrivateServer& primary;
};

/// Asks for a member of a Galera cluster (MariaDB): the first, or one that takes another's data.
struct MemberOf {
    const PrivateServer* other = nullptr;
};

class PrivateServer {
public:
    /// `settings`: lines of postgresql.conf, options of mariadbd.
    explicit PrivateServer(const std::vector<std::string>& settings = {});
    explicit PrivateServer(ReplicaOf replica);
    /// Where why_no_cluster() is empty.
    explicit PrivateServer(MemberOf member);
    /// With all its files there.
    explicit PrivateServer(const SmallDisk& disk);
    PrivateServer(const PrivateServer&) = delete;
    PrivateServer& operator=(const PrivateServer&) = delete;
    ~PrivateServer();

    [[nodiscard]] static std::string why_no_cluster();

    /// Makes a database; returns its URL.
    [[nodiscard]] std::string make_database();
    /// To a database that another member of the cluster has made.
    [[nodiscard]] std::string url_of_copy(const std::string& url_there) const;

    /// Of its superuser, to a database that every server has.
    [[nodiscard]] std::string url() const;
    [[nodiscard]] Connect connect() const;

    [[nodiscard]] Session open() const { return connect()({}); }

    void stop() const { call("stop"); }

    /// False: it has ended by itself, or was made to.
    [[nodiscard]] bool is_running() const;

    /// kill -9 of all its processes.
    void crash() const { call("crash"); }

    /// Starts it on what the crash left; returns when it takes connections.
    void restart() const { call("restart"); }

private:
    [[nodiscard]] std::string folder() const { return parent_ / "server"; }

    void call(const std::string& verb, const std::vector<std::string>& more = {}) const;
    void let_others_in() const;

    TemporaryDirectory directory_;
    std::filesystem::path parent_ = directory_.path();
    int databases_ = 0;
};

} // namespace sluice::test
