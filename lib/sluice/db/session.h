#pragma once
// One connection to one database, the same for all engines: SOCI opens and owns it, the statements
// go to the engine's own client library as they are, so that nobody's parser but the server's ever
// reads a user's SQL.
//
// Every session sets what its engine needs to be a good neighbour (time-outs, isolation, sql_mode,
// time zone, WAL) when it connects, reads it back, and throws if the server did not take it. It
// never reconnects by itself: a lost connection is Error{connection, cause connection_lost}, and
// whoever knows what was under way opens a new session.
//
// A Session belongs to one thread at a time; only cancel() may be called from another.

#include "sluice/db/dialect.h"
#include "sluice/db/statement.h"
#include "sluice/db/url.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sluice {

class Driver;

enum class Durability {
    full,
    relaxed, ///< PostgreSQL: synchronous_commit = off; SQLite: synchronous = NORMAL. A power
             ///< failure may lose the newest transactions, whole and in their order: only for those
             ///< that hold work and its record both.
};

struct SessionOptions {
    /// What the connection is for; the server shows it as "sluice <purpose>" where it can
    /// (application_name, connect attribute).
    std::string purpose = "sluice";
    /// How long a statement may wait for a lock before it gives up. Below the server's deadlock
    /// time-out (checked). 0: the least the engine can do (PostgreSQL 1 ms, MariaDB none at all,
    /// MySQL 1 s). MySQL and MariaDB count in whole seconds.
    std::chrono::milliseconds lock_timeout{500};
    /// 0: unbounded.
    std::chrono::milliseconds statement_timeout{0};
    std::chrono::milliseconds connect_timeout{10'000};
    Durability durability = Durability::full;
    /// Backfill batches: PostgreSQL without sequential scans, sorts, bitmap scans, jit and parallel
    /// workers, so that the plan that was checked is the plan that runs, and with a lock_timeout of
    /// 100 ms at most; MySQL with
    /// innodb_lock_wait_timeout at its least; SQLite with fewer checkpoints.
    bool batch = false;
    /// In UPDATE … SET a = b, b = a both mean the values from before on MariaDB too. PostgreSQL and
    /// SQLite always do so, MySQL never.
    bool simultaneous_assignments = false;
    /// Called before each statement is sent, with its text (never its values): tracing, and the
    /// crash tests.
    std::function<void(std::string_view purpose, std::string_view sql)> before_statement;
};

class Session {
public:
    Session(const Url& url, SessionOptions options);
    Session(Session&&) noexcept;
    Session& operator=(Session&&) noexcept;
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    ~Session();

    /// Made for the server that answered (flavour and version asked, not assumed). Lives as long as
    /// the session.
    [[nodiscard]] const Dialect& dialect() const;
    [[nodiscard]] const SessionOptions& options() const;

    /// One statement, sent as it is; a result set is read and dropped.
    void execute(std::string_view sql);

    /// Several statements in one text (a user's script). Not for MySQL statements inside a
    /// transaction.
    void execute_script(std::string_view sql);

    /// Returns the rows affected (matched, on MySQL). 0 for DDL.
    std::int64_t execute(const Statement& statement);

    /// The whole result, every value as text or NULL. Not for large results: ask in ranges.
    [[nodiscard]] Rows query(const Statement& statement);
    [[nodiscard]] Rows query(std::string_view sql);

    /// Checks that the server can parse the statement, and resolve its names where the engine does
    /// so without running it. Nothing is executed. Throws Error{sql} with cause syntax or
    /// unknown_object. Any single statement.
    void check_syntax(std::string_view sql);

    /// From here on statements wait for a lock for so long at most; nullopt: as long as it takes.
    /// Takes back whatever else was set meanwhile to the session's time-outs, and reads them back:
    /// throws where the server did not take them. What a transaction that rolls back has set goes
    /// with it.
    void set_lock_timeout(std::optional<std::chrono::milliseconds> timeout);

    void begin();
    void commit(); ///< Throws if the server rolled back instead. After a lost connection the
                   ///< outcome is unknown.
    void rollback() noexcept;
    [[nodiscard]] bool in_transaction() const;

    /// Identifies this connection on the server so that a successor can see whether it still works
    /// there: PostgreSQL "pid@backend start", MySQL "connection id@name of a lock it holds",
    /// SQLite "".
    [[nodiscard]] std::string connection_id();

    /// Is the connection with this id (see above) still there? Always false on SQLite.
    [[nodiscard]] bool is_alive(std::string_view connection_id);
    /// Ends it. Throws Error{sql, cause permission} where the user may not.
    void terminate(std::string_view connection_id);

    /// Wakes every session that listens on this database, once the transaction, if there is one,
    /// has committed. Does nothing where the engine cannot.
    void notify();
    /// From now on this session hears of notify(). False: the engine cannot.
    [[nodiscard]] bool listen();
    /// True as soon as there was a notice, false when none came in this time. Only after listen().
    [[nodiscard]] bool await_notice(std::chrono::milliseconds within);

    /// Thread-safe: asks the server to give up the statement that is running here.
    void cancel();

private:
    std::unique_ptr<Driver> driver_;
};

/// Opens sessions to one database: what a part that needs its own connections is given.
using Connect = std::function<Session(SessionOptions)>;

} // namespace sluice
