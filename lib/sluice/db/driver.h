#pragma once
// What an engine's folder implements so that Session can be one thin class. Private to db/.

#include "sluice/db/dialect.h"
#include "sluice/db/session.h"
#include "sluice/db/statement.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sluice {

class Driver {
public:
    explicit Driver(SessionOptions options) : options_(std::move(options)) {}

    Driver(const Driver&) = delete;
    Driver& operator=(const Driver&) = delete;
    virtual ~Driver() = default;

    virtual void execute_raw(std::string_view sql) = 0;
    virtual void execute_script(std::string_view sql) = 0;
    virtual std::int64_t execute(const Statement& statement) = 0;
    virtual Rows query(const Statement& statement) = 0;
    virtual void check_syntax(std::string_view sql) = 0;
    virtual void set_lock_timeout(std::optional<std::chrono::milliseconds> timeout) = 0;
    virtual void begin() = 0;
    virtual void commit() = 0;
    virtual void rollback() noexcept = 0;
    [[nodiscard]] virtual bool in_transaction() const = 0;
    virtual std::string connection_id() = 0;
    virtual bool is_alive(std::string_view connection_id) = 0;
    virtual void terminate(std::string_view connection_id) = 0;
    virtual void cancel() = 0;

    virtual void notify() {}

    virtual bool listen() { return false; }

    virtual bool await_notice(std::chrono::milliseconds within);

    [[nodiscard]] const SessionOptions& options() const { return options_; }

    [[nodiscard]] const Dialect& dialect() const { return *dialect_; }

protected:
    /// To be called before each statement is sent. Throws what the hook throws, and from then on
    /// lets nothing pass: a session whose hook threw behaves as if its process had died there.
    void announce(std::string_view sql);

    std::unique_ptr<Dialect>
        dialect_; ///< set by the constructor of the engine's driver, once the server has answered

private:
    SessionOptions options_;
    bool is_dead_ = false;
};

[[nodiscard]] std::unique_ptr<Driver> open_postgresql(const Url& url, SessionOptions options);
[[nodiscard]] std::unique_ptr<Driver> open_mysql(const Url& url, SessionOptions options);
[[nodiscard]] std::unique_ptr<Driver> open_sqlite(const Url& url, SessionOptions options);

} // namespace sluice
