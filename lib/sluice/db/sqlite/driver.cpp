#include "sluice/db/driver.h"

#include "sluice/core/clock.h"
#include "sluice/db/error_translation.h"
#include "sluice/db/sqlite/connect.h"
#include "sluice/db/sqlite/functions.h"
#include "sluice/db/sqlite/statement.h"
#include "sluice/db/statement_cache.h"

#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <limits>

namespace sluice {

namespace {

class SqliteDriver final : public Driver {
public:
    SqliteDriver(const Url& url, SessionOptions options);

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

private:
    void set_up(const Url& url);
    void use_write_ahead_log();
    void set(std::string_view name, std::string_view value, std::string_view shown);
    SqliteResult run(const Statement& statement);
    SqliteResult step(sqlite3_stmt* prepared, const Statement& statement);
    static int is_late(void* driver);

    std::unique_ptr<soci::session> session_;
    ::sqlite3* handle_;
    StatementCache<SqliteStatement> prepared_;
    SystemClock clock_;
    SteadyTime deadline_{};
    std::atomic<bool> cancel_requested_{false};
};

SqliteDriver::SqliteDriver(const Url& url, SessionOptions options)
    : Driver(std::move(options)), session_(connect_sqlite(url)), handle_(sqlite_handle(*session_))
{
    sqlite3_extended_result_codes(handle_, 1);
    sqlite3_busy_timeout(handle_, static_cast<int>(this->options().lock_timeout.count()));
    if (this->options().statement_timeout.count() > 0) {
        constexpr int instructions = 1000;
        sqlite3_progress_handler(handle_, instructions, is_late, this);
    }
    set_up(url);
    register_functions(handle_);
    dialect_ = make_dialect({.engine = Engine::sqlite, .version = sqlite3_libversion_number()});
}

/// The first statement is also the first that reads the file: one that is not a database shows
/// here.
void SqliteDriver::set_up(const Url& url)
{
    try {
        query({"SELECT count(*) FROM sqlite_schema", {}});
    } catch (const Error& error) {
        if (error.details.cause == Cause::lock_timeout) {
            throw;
        }
        throw connection_failure(url, error.message, error.details.native_code);
    }
    use_write_ahead_log();
    set("foreign_keys", "ON", "1");
    const bool is_full = options().durability == Durability::full;
    set("synchronous", is_full ? "FULL" : "NORMAL", is_full ? "2" : "1");
    if (options().batch) {
        // Pages that several batches change are copied into the file, and waited for, less often.
        constexpr std::string_view pages = "4000";
        set("wal_autocheckpoint", pages, pages);
    }
}

/// Readers and the one writer then do not wait for each other. A file that cannot be changed, or is
/// in use in another mode just now, is worked on as it is.
void SqliteDriver::use_write_ahead_log()
{
    if (sqlite3_db_readonly(handle_, "main") == 1 ||
        query({"PRAGMA journal_mode", {}})[0][0] == "wal") {
        return;
    }
    try {
        query({"PRAGMA journal_mode = WAL", {}});
    } catch (const Error& error) {
        if (error.details.cause != Cause::lock_timeout && error.details.cause != Cause::read_only) {
            throw;
        }
    }
}

void SqliteDriver::set(std::string_view name, std::string_view value, std::string_view shown)
{
    const std::string pragma = "PRAGMA " + std::string(name);
    execute_raw(pragma + " = " + std::string(value));
    const Rows found = query({pragma, {}});
    const std::string text = found.empty() ? "" : found[0][0].value_or("");
    if (text != shown) {
        throw setting_refused(name, value, text);
    }
}

int SqliteDriver::is_late(void* driver)
{
    auto* self = static_cast<SqliteDriver*>(driver);
    return self->clock_.steady_now() > self->deadline_ ? 1 : 0;
}

SqliteResult SqliteDriver::step(sqlite3_stmt* prepared, const Statement& statement)
{
    deadline_ = clock_.steady_now() + options().statement_timeout;
    cancel_requested_ = false;
    try {
        return run_statement(handle_, prepared, statement);
    } catch (Error& error) {
        if (error.details.cause == Cause::cancelled && !cancel_requested_ &&
            options().statement_timeout.count() > 0) {
            error.details.cause = Cause::statement_timeout;
        }
        throw;
    }
}

/// Texts with parameters come again and again, the others hardly ever.
SqliteResult SqliteDriver::run(const Statement& statement)
{
    announce(statement.text);
    if (statement.params.empty()) {
        const SqliteStatement once = prepare_single(handle_, statement.text);
        return step(once.get(), statement);
    }
    SqliteStatement* known = prepared_.find(statement.text);
    if (known == nullptr) {
        prepared_.put(statement.text, prepare_single(handle_, statement.text));
        known = prepared_.find(statement.text);
    }
    return step(known->get(), statement);
}

void SqliteDriver::execute_raw(std::string_view sql)
{
    run({std::string(sql), {}});
}

void SqliteDriver::execute_script(std::string_view sql)
{
    announce(sql);
    std::string_view rest = sql;
    while (!rest.empty()) {
        PreparedStatement next = prepare_next(handle_, rest);
        if (next.statement) {
            step(next.statement.get(), {std::string(rest.substr(0, next.length)), {}});
        }
        rest.remove_prefix(next.length);
    }
}

std::int64_t SqliteDriver::execute(const Statement& statement)
{
    return run(statement).affected;
}

Rows SqliteDriver::query(const Statement& statement)
{
    return run(statement).rows;
}

void SqliteDriver::check_syntax(std::string_view sql)
{
    announce(sql);
    const SqliteStatement checked = prepare_single(handle_, sql);
}

/// A setting of this process: there is nobody who might not take it.
void SqliteDriver::set_lock_timeout(std::optional<std::chrono::milliseconds> timeout)
{
    constexpr int longest = std::numeric_limits<int>::max();
    sqlite3_busy_timeout(handle_, timeout ? static_cast<int>(timeout->count()) : longest);
}

/// IMMEDIATE: a transaction that read first and then wants to write is refused at once, without
/// waiting, when another wrote in between.
void SqliteDriver::begin()
{
    execute_raw(sqlite3_db_readonly(handle_, "main") == 1 ? "BEGIN" : "BEGIN IMMEDIATE");
}

void SqliteDriver::commit()
{
    execute_raw("COMMIT");
}

void SqliteDriver::rollback() noexcept
{
    try {
        if (in_transaction()) {
            execute_raw("ROLLBACK");
        }
        // A group of schema edits that failed half way has left it on: the pragma is no part of
        // the transaction.
        sqlite3_db_config(handle_, SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0, nullptr);
    } catch (...) { // NOLINT(bugprone-empty-catch): closing the connection rolls back
    }
}

bool SqliteDriver::in_transaction() const
{
    return sqlite3_get_autocommit(handle_) == 0;
}

std::string SqliteDriver::connection_id()
{
    return "";
}

bool SqliteDriver::is_alive(std::string_view /*connection_id*/)
{
    return false;
}

/// A statement ends with its process, so there is never one to end.
void SqliteDriver::terminate(std::string_view /*connection_id*/) {}

void SqliteDriver::cancel()
{
    cancel_requested_ = true;
    sqlite3_interrupt(handle_);
}

} // namespace

std::unique_ptr<Driver> open_sqlite(const Url& url, SessionOptions options)
{
    return std::make_unique<SqliteDriver>(url, std::move(options));
}

} // namespace sluice
