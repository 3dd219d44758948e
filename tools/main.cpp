#include "exit_code.h"
#include "program.h"
#include "sluice/core/error.h"
#include "sluice/core/secrets.h"
#include "sluice/report/json.h"
#include "sluice/report/text.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

namespace sluice {

namespace {

/// What helps where only the server has spoken.
std::string hint_for(Cause cause)
{
    const std::string again = "Everything that was finished is kept: run the same command again.";
    switch (cause) {
    case Cause::read_only:
        return "sluice writes its own tables and yours: give it a database that may be written, "
               "and a user "
               "who may.";
    case Cause::permission:
        return "Grant this user what the statement needs, or give --url with another user.";
    case Cause::out_of_space:
        return "Make space. " + again;
    case Cause::lock_timeout:
    case Cause::deadlock:
        return "Another session holds the lock: end its transaction, or wait. " + again;
    case Cause::statement_timeout:
    case Cause::serialization:
    case Cause::connection_lost:
        return again;
    case Cause::none:
    case Cause::syntax:
    case Cause::unknown_object:
    case Cause::constraint:
    case Cause::cancelled:
    case Cause::other:
        break;
    }
    return "";
}

int report(Error error, const std::vector<std::string>& arguments, Output& errors)
{
    const bool is_json = std::find(arguments.begin(), arguments.end(), "--json") != arguments.end();
    const int code = exit_code_of(error.kind);
    // What a server says to this forgets that everything goes on from where it was.
    if (error.details.hint.empty() || error.details.cause == Cause::out_of_space) {
        error.details.hint = hint_for(error.details.cause);
    }
    errors.write(is_json ? error_json(error, code) : error_text(error, errors));
    return code;
}

} // namespace

} // namespace sluice

int main(int argc, char** argv)
{
    const std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
    sluice::hide_passwords(argc, argv);
    // A reader that has gone is an answer to a write, not the end of the process.
    std::signal(SIGPIPE, SIG_IGN);

    std::stop_source stop;
    sluice::Output output(stdout, [stop]() mutable { stop.request_stop(); });
    sluice::Output errors(stderr, {});
    try {
        return sluice::run_program(arguments, stop, output);
    } catch (const sluice::Error& error) {
        return sluice::report(error, arguments, errors);
    } catch (const std::exception& error) {
        return sluice::report(
            sluice::Error(sluice::ErrorKind::internal, error.what(),
                          {.hint = "This is a defect of sluice: please report it with what "
                                   "--trace-sql=FILE writes."}),
            arguments, errors);
    }
}
