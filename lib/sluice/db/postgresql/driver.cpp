#include "sluice/db/driver.h"

#include "sluice/db/error_translation.h"
#include "sluice/db/postgresql/connect.h"
#include "sluice/db/postgresql/pooler.h"
#include "sluice/db/postgresql/result.h"
#include "sluice/db/statement_cache.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <poll.h>

namespace sluice {

namespace {

struct EndCancel {
    void operator()(PGcancel* cancel) const { PQfreeCancel(cancel); }
};

class PostgresqlDriver final : public Driver {
public:
    PostgresqlDriver(const Url& url, SessionOptions options);

    void execute_raw(std::string_view sql) override;
    void execute_script(std::string_view sql) override;
    std::int64_t execute(const Statement& statement) override;
    Rows query(const Statement& statement) override;
    void check_syntax(std::string_view sql) override;
    void set_lock_timeout(std::optional<std::chrono::milliseconds> timeout) override;
    void begin() override;
    void commit() override;
    void rollback() noexcept override;
    [[nodiscard]] bool in_transaction() const override;
    std::string connection_id() override;
    bool is_alive(std::string_view connection_id) override;
    void terminate(std::string_view connection_id) override;
    void cancel() override;
    void notify() override;
    bool listen() override;
    bool await_notice(std::chrono::milliseconds within) override;

private:
    void set_up(const Url& url);
    [[nodiscard]] Rows set_all(const std::vector<PostgresqlSetting>& settings, const Url& url);
    void refuse_late_lock_timeout(long long deadlock_ms);
    PostgresqlResult simple(const std::string& sql);
    PostgresqlResult run(const Statement& statement);
    PostgresqlResult run_once(const Statement& statement);
    PostgresqlResult run_prepared(const Statement& statement);
    PostgresqlResult run_named(const std::string& name, const Statement& statement);
    void prepare(const std::string& text);
    void forget(const std::string& text);
    PostgresqlResult checked(PGresult* result, std::string_view sql);

    std::unique_ptr<soci::session> session_;
    PGconn* handle_;
    std::unique_ptr<PGcancel, EndCancel> cancel_;
    std::atomic<bool> cancel_requested_{false};
    /// An empty name: seen once, not prepared yet.
    StatementCache<std::string> prepared_;
    int prepared_count_ = 0;
    std::string connection_id_;
};

PostgresqlDriver::PostgresqlDriver(const Url& url, SessionOptions options)
    : Driver(std::move(options))
    , session_(connect_postgresql(url, this->options()))
    , handle_(postgresql_handle(*session_))
    , cancel_(PQgetCancel(handle_))
{
    set_up(url);
    dialect_ = make_dialect({.engine = Engine::postgresql, .version = PQserverVersion(handle_)});
}

/// In one statement, which sets nothing where another process answers than the one that the server
/// named when the connection was made: then a pooler stands in between, and of what kind is to be
/// known first.
Rows PostgresqlDriver::set_all(const std::vector<PostgresqlSetting>& settings, const Url& url)
{
    std::string set = "SELECT ";
    for (const PostgresqlSetting& setting : settings) {
        set += "set_config('" + setting.name + "', '" + setting.value + "', false), ";
    }
    set += "1";
    Rows wanted =
        simple(set + " WHERE pg_backend_pid() = " + std::to_string(PQbackendPID(handle_))).rows();
    if (!wanted.empty()) {
        return wanted;
    }
    if (shares_server_processes(handle_, url, options())) {
        throw transaction_pooler_found();
    }
    return simple(set).rows();
}

/// Everything is read back: something in between may answer without passing it on. (Functions,
/// because the view pg_settings costs a new connection some milliseconds.)
void PostgresqlDriver::set_up(const Url& url)
{
    const std::vector<PostgresqlSetting> settings = postgresql_settings(options());
    std::string read = "SELECT ";
    for (const PostgresqlSetting& setting : settings) {
        read += "current_setting('" + setting.name + "'), ";
    }
    const Rows wanted = set_all(settings, url);
    const Rows found =
        simple(read + "current_setting('synchronous_commit'), "
                      "(extract(epoch FROM current_setting('deadlock_timeout')::interval) * "
                      "1000)::bigint")
            .rows();
    for (std::size_t n = 0; n < settings.size(); ++n) {
        if (found[0][n] != wanted[0][n]) {
            throw setting_refused(settings[n].name, wanted[0][n].value_or(""),
                                  found[0][n].value_or(""));
        }
    }
    refuse_late_lock_timeout(std::stoll(found[0].back().value_or("")));
    if (options().durability == Durability::full && found[0][settings.size()] == "off") {
        simple("SET synchronous_commit = on");
    }
}

void PostgresqlDriver::refuse_late_lock_timeout(long long deadlock_ms)
{
    const long long lock_ms = options().lock_timeout.count();
    if (lock_ms >= deadlock_ms) {
        throw Error(ErrorKind::refused,
                    "the lock time-out of " + std::to_string(lock_ms) +
                        " ms is not below the server's deadlock_timeout of " +
                        std::to_string(deadlock_ms) + " ms",
                    {.hint = "Lower the lock time-out, so that in a deadlock sluice gives way and "
                             "not the application."});
    }
}

PostgresqlResult PostgresqlDriver::checked(PGresult* raw, std::string_view sql)
{
    PostgresqlResult result(raw);
    end_copy(handle_, raw);
    const ExecStatusType status = PQresultStatus(raw);
    if (raw != nullptr && (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK ||
                           status == PGRES_EMPTY_QUERY || status == PGRES_COPY_OUT)) {
        return result;
    }
    throw postgresql_error(handle_, raw, sql,
                           {.cancel_requested = cancel_requested_.load(),
                            .has_statement_timeout = options().statement_timeout.count() > 0});
}

PostgresqlResult PostgresqlDriver::simple(const std::string& sql)
{
    announce(sql);
    cancel_requested_ = false;
    return checked(PQexec(handle_, sql.c_str()), sql);
}

PostgresqlResult PostgresqlDriver::run(const Statement& statement)
{
    announce(statement.text);
    refuse_zero_bytes(statement);
    cancel_requested_ = false;
    return statement.params.empty() ? run_once(statement) : run_prepared(statement);
}

PostgresqlResult PostgresqlDriver::run_once(const Statement& statement)
{
    const std::vector<const char*> values = parameter_values(statement);
    return checked(PQexecParams(handle_, statement.text.c_str(), static_cast<int>(values.size()),
                                nullptr, values.data(), nullptr, nullptr, 0),
                   statement.text);
}

/// The second use of a text prepares it: most statements run once, those of batches for hours.
PostgresqlResult PostgresqlDriver::run_prepared(const Statement& statement)
{
    const std::string* name = prepared_.find(statement.text);
    if (name == nullptr) {
        const auto evicted = prepared_.put(statement.text, "");
        if (evicted && !evicted->empty() && PQtransactionStatus(handle_) != PQTRANS_INERROR) {
            checked(PQexec(handle_, ("DEALLOCATE " + *evicted).c_str()), statement.text);
        }
        return run_once(statement);
    }
    if (name->empty()) {
        prepare(statement.text);
        name = prepared_.find(statement.text);
    }
    const bool had_transaction = in_transaction();
    try {
        return run_named(*name, statement);
    } catch (Error& error) {
        // The tables changed under the plan, or a pooler gave us another connection.
        const bool is_stale =
            error.details.sqlstate == "0A000" || error.details.sqlstate == "26000";
        if (!is_stale) {
            throw;
        }
        forget(statement.text);
        if (had_transaction) {
            error.details.cause = Cause::serialization; // the whole transaction may be tried again
            throw;
        }
    }
    return run_once(statement);
}

PostgresqlResult PostgresqlDriver::run_named(const std::string& name, const Statement& statement)
{
    const std::vector<const char*> values = parameter_values(statement);
    return checked(PQexecPrepared(handle_, name.c_str(), static_cast<int>(values.size()),
                                  values.data(), nullptr, nullptr, 0),
                   statement.text);
}

void PostgresqlDriver::prepare(const std::string& text)
{
    const std::string name = "sluice_" + std::to_string(++prepared_count_);
    checked(PQprepare(handle_, name.c_str(), text.c_str(), 0, nullptr), text);
    prepared_.put(text, name);
}

/// The next use counts as the first. In an aborted transaction nothing can be deallocated: the name
/// is not used again, and goes with the session.
void PostgresqlDriver::forget(const std::string& text)
{
    const std::string* name = prepared_.find(text);
    if (name != nullptr && PQtransactionStatus(handle_) == PQTRANS_IDLE) {
        const PostgresqlResult ignored(PQexec(handle_, ("DEALLOCATE " + *name).c_str()));
    }
    prepared_.remove(text);
}

void PostgresqlDriver::execute_raw(std::string_view sql)
{
    run({std::string(sql), {}});
}

void PostgresqlDriver::execute_script(std::string_view sql)
{
    refuse_zero_bytes({std::string(sql), {}});
    simple(std::string(sql));
}

std::int64_t PostgresqlDriver::execute(const Statement& statement)
{
    return run(statement).affected();
}

Rows PostgresqlDriver::query(const Statement& statement)
{
    return run(statement).rows();
}

/// The protocol's Parse step: the server's own parser reads any statement and resolves the names of
/// queries, and nothing runs.
void PostgresqlDriver::check_syntax(std::string_view sql)
{
    const std::string text(sql);
    refuse_zero_bytes({text, {}});
    announce(text);
    cancel_requested_ = false;
    checked(PQprepare(handle_, "", text.c_str(), 0, nullptr), sql);
}

void PostgresqlDriver::set_lock_timeout(std::optional<std::chrono::milliseconds> timeout)
{
    const long long lock = timeout ? std::max<long long>(timeout->count(), 1) : 0;
    const std::string statement = std::to_string(options().statement_timeout.count());
    const Rows wanted =
        simple("SELECT set_config('lock_timeout', '" + std::to_string(lock) +
               "ms', false), set_config('statement_timeout', '" + statement + "ms', false)")
            .rows();
    const Rows found = simple("SELECT current_setting('lock_timeout'), "
                              "current_setting('statement_timeout')")
                           .rows();
    for (const std::size_t n : {0U, 1U}) {
        if (found[0][n] != wanted[0][n]) {
            throw setting_refused(n == 0 ? "lock_timeout" : "statement_timeout",
                                  wanted[0][n].value_or(""), found[0][n].value_or(""));
        }
    }
}

void PostgresqlDriver::begin()
{
    simple("BEGIN");
}

void PostgresqlDriver::commit()
{
    const PostgresqlResult result = simple("COMMIT");
    if (result.tag() != "COMMIT") {
        throw nothing_committed();
    }
}

void PostgresqlDriver::rollback() noexcept
{
    try {
        if (in_transaction()) {
            simple("ROLLBACK");
        }
    } catch (...) { // NOLINT(bugprone-empty-catch): a connection that is gone has rolled back
    }
}

bool PostgresqlDriver::in_transaction() const
{
    const PGTransactionStatusType status = PQtransactionStatus(handle_);
    return status == PQTRANS_INTRANS || status == PQTRANS_INERROR || status == PQTRANS_ACTIVE;
}

constexpr std::string_view started =
    "to_char(backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US')";

std::string PostgresqlDriver::connection_id()
{
    if (connection_id_.empty()) {
        const Rows rows = query({"SELECT pid || '@' || " + std::string(started) +
                                     " FROM pg_stat_activity WHERE pid = pg_backend_pid()",
                                 {}});
        connection_id_ = rows.empty() ? "" : rows[0][0].value_or("");
    }
    return connection_id_;
}

/// Another user's session shows no start time: taken for ours rather than missed.
bool PostgresqlDriver::is_alive(std::string_view connection_id)
{
    const std::size_t at = connection_id.find('@');
    if (at == std::string_view::npos) {
        return false;
    }
    const Rows rows = query({"SELECT 1 FROM pg_stat_activity WHERE pid::text = $1 AND "
                             "(backend_start IS NULL OR " +
                                 std::string(started) + " = $2)",
                             {{std::string(connection_id.substr(0, at))},
                              {std::string(connection_id.substr(at + 1))}}});
    return !rows.empty();
}

void PostgresqlDriver::terminate(std::string_view connection_id)
{
    if (is_alive(connection_id)) {
        query({"SELECT pg_terminate_backend($1::int)",
               {{std::string(connection_id.substr(0, connection_id.find('@')))}}});
    }
}

void PostgresqlDriver::notify()
{
    execute_raw("NOTIFY sluice");
}

bool PostgresqlDriver::listen()
{
    execute_raw("LISTEN sluice");
    return true;
}

bool PostgresqlDriver::await_notice(std::chrono::milliseconds within)
{
    pollfd socket{.fd = PQsocket(handle_), .events = POLLIN, .revents = 0};
    (void)::poll(&socket, 1, static_cast<int>(within.count()));
    if (PQconsumeInput(handle_) == 0) {
        throw Error(ErrorKind::connection, "the connection to the server was lost",
                    {.cause = Cause::connection_lost});
    }
    bool was_noticed = false;
    while (PGnotify* notice = PQnotifies(handle_)) {
        PQfreemem(notice);
        was_noticed = true;
    }
    return was_noticed;
}

void PostgresqlDriver::cancel()
{
    cancel_requested_ = true;
    std::array<char, 256> message{};
    PQcancel(cancel_.get(), message.data(), static_cast<int>(message.size()));
}

} // namespace

std::unique_ptr<Driver> open_postgresql(const Url& url, SessionOptions options)
{
    return std::make_unique<PostgresqlDriver>(url, std::move(options));
}

} // namespace sluice
