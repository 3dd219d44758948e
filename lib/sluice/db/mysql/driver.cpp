#include "sluice/db/driver.h"

#include "sluice/db/error_translation.h"
#include "sluice/db/mysql/connect.h"
#include "sluice/db/mysql/own_sessions.h"
#include "sluice/db/mysql/result.h"
#include "sluice/db/statement_cache.h"

#include <fmt/core.h>

#include <random>

namespace sluice {

namespace {

class MysqlDriver final : public Driver {
public:
    MysqlDriver(const Url& url, SessionOptions options);

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
    void set_up(const Server& server);
    void set_all(const std::vector<MysqlSetting>& settings);
    void check_binlog();
    MysqlResult raw(std::string_view sql);
    MysqlResult send(std::string_view sql);
    MysqlResult run(const Statement& statement);
    void notice(const Error& error);
    MYSQL_STMT* prepared(const std::string& text);

    Url url_; ///< for cancel, which needs a connection of its own
    std::unique_ptr<soci::session> session_;
    MYSQL* handle_;
    unsigned long thread_;
    StatementCache<MysqlStatement> prepared_;
    std::string connection_id_;
    bool is_rolled_back_ = false; ///< the server ended the transaction by itself
};

MysqlDriver::MysqlDriver(const Url& url, SessionOptions options)
    : Driver(std::move(options))
    , url_(url)
    , session_(connect_mysql(url, this->options()))
    , handle_(mysql_handle(*session_))
    , thread_(mysql_thread_id(handle_))
{
    const Rows version = raw("SELECT VERSION()").rows;
    const Server server = parse_mysql_version(version.rows.at(0).at(0).value_or(""));
    set_up(server);
    if (this->options().batch) {
        check_binlog();
    }
    send(mark_own_session());
    dialect_ = make_dialect(server);
}

void MysqlDriver::set_up(const Server& server)
{
    set_all(mysql_settings(options(), server));
}

/// Everything is read back: something in between may answer without passing it on.
void MysqlDriver::set_all(const std::vector<MysqlSetting>& settings)
{
    std::string set = "SET ";
    std::string read = "SELECT ";
    for (const MysqlSetting& setting : settings) {
        const std::string comma = &setting == &settings.front() ? "" : ", ";
        set += comma + "SESSION " + setting.name + " = " + setting.value;
        read += comma + "@@SESSION." + setting.name;
    }
    raw(set);
    const Rows found = raw(read).rows;
    for (std::size_t n = 0; n < settings.size(); ++n) {
        const std::string value = found[0][n].value_or("");
        if (!same_setting(settings[n].value, value)) {
            throw setting_refused(settings[n].name, settings[n].value, value);
        }
    }
}

/// Batches run READ COMMITTED, which a server that logs statements refuses to write.
void MysqlDriver::check_binlog()
{
    const Rows rows = raw("SELECT @@GLOBAL.log_bin, @@SESSION.binlog_format").rows;
    if (rows[0][0] == "1" && rows[0][1] == "STATEMENT") {
        throw Error(ErrorKind::refused, "the server's binlog_format is STATEMENT",
                    {.hint = "Batches run READ COMMITTED, which needs ROW or MIXED: SET GLOBAL "
                             "binlog_format = 'ROW'."});
    }
}

MysqlResult MysqlDriver::raw(std::string_view sql)
{
    announce(sql);
    try {
        return send(sql);
    } catch (const Error& error) {
        notice(error);
        throw;
    }
}

/// A deadlock's victim has lost its whole transaction, and a COMMIT after it would succeed.
void MysqlDriver::notice(const Error& error)
{
    is_rolled_back_ =
        is_rolled_back_ || (error.details.cause == Cause::deadlock && in_transaction());
}

MysqlResult MysqlDriver::send(std::string_view sql)
{
    if (mysql_real_query(handle_, sql.data(), sql.size()) != 0) {
        throw mysql_error_of(handle_, sql);
    }
    return read_results(handle_, sql);
}

MYSQL_STMT* MysqlDriver::prepared(const std::string& text)
{
    if (const MysqlStatement* known = prepared_.find(text)) {
        return known->get();
    }
    prepared_.put(text, prepare_statement(handle_, text));
    return prepared_.find(text)->get();
}

MysqlResult MysqlDriver::run(const Statement& statement)
{
    if (statement.params.empty()) {
        return raw(statement.text);
    }
    announce(statement.text);
    constexpr int needs_new_prepare = 1615;
    try {
        return run_prepared(prepared(statement.text), statement);
    } catch (const Error& error) {
        prepared_.remove(statement.text);
        notice(error);
        if (error.details.native_code != needs_new_prepare) {
            throw;
        }
    }
    return run_prepared(prepared(statement.text), statement);
}

void MysqlDriver::execute_raw(std::string_view sql)
{
    raw(sql);
}

void MysqlDriver::execute_script(std::string_view sql)
{
    announce(sql);
    mysql_set_server_option(handle_, MYSQL_OPTION_MULTI_STATEMENTS_ON);
    try {
        send(sql);
    } catch (...) {
        mysql_set_server_option(handle_, MYSQL_OPTION_MULTI_STATEMENTS_OFF);
        throw;
    }
    mysql_set_server_option(handle_, MYSQL_OPTION_MULTI_STATEMENTS_OFF);
}

std::int64_t MysqlDriver::execute(const Statement& statement)
{
    return run(statement).affected;
}

Rows MysqlDriver::query(const Statement& statement)
{
    return run(statement).rows;
}

/// Prepared and thrown away. A few statements cannot be prepared, and the server says so only after
/// it has parsed them.
void MysqlDriver::check_syntax(std::string_view sql)
{
    announce(sql);
    constexpr int not_preparable = 1295;
    try {
        const MysqlStatement checked = prepare_statement(handle_, sql);
    } catch (const Error& error) {
        if (error.details.native_code != not_preparable) {
            throw;
        }
    }
}

void MysqlDriver::set_lock_timeout(std::optional<std::chrono::milliseconds> timeout)
{
    set_all(mysql_lock_settings(timeout, dialect().server()));
}

void MysqlDriver::begin()
{
    raw("START TRANSACTION");
    is_rolled_back_ = false;
}

void MysqlDriver::commit()
{
    if (is_rolled_back_) {
        rollback();
        throw nothing_committed();
    }
    raw("COMMIT");
}

void MysqlDriver::rollback() noexcept
{
    try {
        if (in_transaction()) {
            raw("ROLLBACK");
        }
    } catch (...) { // NOLINT(bugprone-empty-catch): a connection that is gone has rolled back
    }
}

bool MysqlDriver::in_transaction() const
{
    return (handle_->server_status & SERVER_STATUS_IN_TRANS) != 0;
}

std::string lock_name(std::string_view connection_id)
{
    return "sluice_" + std::string(connection_id.substr(connection_id.find('@') + 1));
}

std::string random_hex()
{
    std::random_device random;
    return fmt::format("{:08x}{:08x}{:08x}", random(), random(), random());
}

/// Connection ids begin anew when the server starts, and its start time can only be guessed from
/// an uptime in seconds. So the connection holds a named lock that nobody waits for: the server
/// gives it up when the connection's last statement has ended, and not before.
std::string MysqlDriver::connection_id()
{
    if (connection_id_.empty()) {
        const std::string id = std::to_string(thread_) + "@" + random_hex();
        const Rows got = query({"SELECT GET_LOCK(?, 0)", {{lock_name(id)}}});
        if (got[0][0] != "1") {
            throw Error(ErrorKind::sql, "the server did not give the connection its lock",
                        {.statement = "SELECT GET_LOCK(?, 0)", .cause = Cause::other});
        }
        connection_id_ = id;
    }
    return connection_id_;
}

bool MysqlDriver::is_alive(std::string_view connection_id)
{
    const std::size_t at = connection_id.find('@');
    if (at == std::string_view::npos) {
        return false;
    }
    const Rows rows = query({"SELECT IS_USED_LOCK(?)", {{lock_name(connection_id)}}});
    return rows[0][0] == connection_id.substr(0, at);
}

void MysqlDriver::terminate(std::string_view connection_id)
{
    if (!is_alive(connection_id)) {
        return;
    }
    constexpr int already_gone = 1094;
    try {
        raw("KILL " + std::string(connection_id.substr(0, connection_id.find('@'))));
    } catch (const Error& error) {
        if (error.details.native_code != already_gone) {
            throw;
        }
    }
}

void MysqlDriver::cancel()
{
    const auto second = connect_mysql(url_, {});
    const std::string sql = "KILL QUERY " + std::to_string(thread_);
    mysql_real_query(mysql_handle(*second), sql.data(), sql.size());
}

} // namespace

std::unique_ptr<Driver> open_mysql(const Url& url, SessionOptions options)
{
    return std::make_unique<MysqlDriver>(url, std::move(options));
}

} // namespace sluice
