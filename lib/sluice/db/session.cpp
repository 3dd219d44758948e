#include "sluice/db/session.h"

#include "sluice/core/error.h"
#include "sluice/db/driver.h"

namespace sluice {

namespace {

std::unique_ptr<Driver> open_driver(const Url& url, SessionOptions options)
{
    switch (url.engine) {
    case Engine::postgresql:
        return open_postgresql(url, std::move(options));
    case Engine::mysql:
        return open_mysql(url, std::move(options));
    case Engine::sqlite:
        return open_sqlite(url, std::move(options));
    }
    throw Error(ErrorKind::internal, "unknown engine");
}

} // namespace

bool Driver::await_notice(std::chrono::milliseconds)
{
    throw Error(ErrorKind::internal, "this engine sends no notices");
}

void Driver::announce(std::string_view sql)
{
    if (is_dead_) {
        throw Error(ErrorKind::connection, "the connection was given up",
                    {.cause = Cause::connection_lost});
    }
    if (!options_.before_statement) {
        return;
    }
    try {
        options_.before_statement(options_.purpose, sql);
    } catch (...) {
        is_dead_ = true;
        throw;
    }
}

Session::Session(const Url& url, SessionOptions options)
    : driver_(open_driver(url, std::move(options)))
{
}

Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

const Dialect& Session::dialect() const
{
    return driver_->dialect();
}

const SessionOptions& Session::options() const
{
    return driver_->options();
}

void Session::execute(std::string_view sql)
{
    driver_->execute_raw(sql);
}

void Session::execute_script(std::string_view sql)
{
    driver_->execute_script(sql);
}

std::int64_t Session::execute(const Statement& statement)
{
    return driver_->execute(statement);
}

Rows Session::query(const Statement& statement)
{
    return driver_->query(statement);
}

Rows Session::query(std::string_view sql)
{
    return driver_->query(Statement{std::string(sql), {}});
}

void Session::check_syntax(std::string_view sql)
{
    driver_->check_syntax(sql);
}

void Session::set_lock_timeout(std::optional<std::chrono::milliseconds> timeout)
{
    driver_->set_lock_timeout(timeout);
}

/// The engines differ in what a second BEGIN does, and none does what was meant: MySQL commits.
void Session::begin()
{
    if (driver_->in_transaction()) {
        throw Error(ErrorKind::internal, "a transaction is open already");
    }
    driver_->begin();
}

void Session::commit()
{
    driver_->commit();
}

void Session::rollback() noexcept
{
    driver_->rollback();
}

bool Session::in_transaction() const
{
    return driver_->in_transaction();
}

std::string Session::connection_id()
{
    return driver_->connection_id();
}

bool Session::is_alive(std::string_view connection_id)
{
    return driver_->is_alive(connection_id);
}

void Session::terminate(std::string_view connection_id)
{
    driver_->terminate(connection_id);
}

void Session::notify()
{
    driver_->notify();
}

bool Session::listen()
{
    return driver_->listen();
}

bool Session::await_notice(std::chrono::milliseconds within)
{
    return driver_->await_notice(within);
}

void Session::cancel()
{
    driver_->cancel();
}

} // namespace sluice
