#pragma once
// The one exception of the library. A caller acts on `kind` (what sort of trouble, and so which
// exit code) and on `cause` (what the database said, and so whether trying again can help); people
// read `message` and `hint`.
//
// Messages are lower case, without a full stop, with the object in quotes. A hint is a sentence
// with a command in it. No password ever reaches a message, a hint or a statement.

#include <exception>
#include <string>

namespace sluice {

enum class ErrorKind {
    usage,       ///< the command line or sluice.toml is wrong
    definition,  ///< a migration file is wrong
    connection,  ///< the server cannot be reached, or the connection was lost
    sql,         ///< the database refused a statement
    refused,     ///< sluice will not do it: gate closed, unsafe, no plan
    held,        ///< another runner holds the database
    interrupted, ///< asked to stop; the checkpoint is kept
    internal,    ///< a defect of sluice
};

/// What the database meant, translated from SQLSTATE or native code in db/ and nowhere else.
enum class Cause {
    none,
    syntax,
    unknown_object,
    constraint,
    deadlock,
    serialization,
    lock_timeout,
    statement_timeout,
    connection_lost,
    cancelled,
    read_only,
    out_of_space,
    permission,
    other,
};

/// True where the same transaction may succeed when it is tried again: deadlock, serialization
/// failure, lock time-out, statement time-out (with less work), lost connection (after
/// reconnecting).
[[nodiscard]] bool is_retryable(Cause cause);

class Error : public std::exception {
public:
    struct Details {
        std::string hint;
        std::string statement; ///< the SQL that failed, without its values
        std::string sqlstate;
        int native_code = 0;
        Cause cause = Cause::none;
    };

    Error(ErrorKind kind, std::string message);
    Error(ErrorKind kind, std::string message, Details details);

    [[nodiscard]] const char* what() const noexcept override;

    ErrorKind kind;
    std::string message;
    Details details;
};

} // namespace sluice
