#include "exit_code.h"
#include "program.h"
#include "secrets.h"
#include "sluice/core/error.h"
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

int report(const Error& error, const std::vector<std::string>& arguments, Output& errors)
{
    const bool is_json = std::find(arguments.begin(), arguments.end(), "--json") != arguments.end();
    const int code = exit_code_of(error.kind);
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
                          {.hint = "this is a defect of sluice: please report it with "
                                   "--trace-sql=FILE"}),
            arguments, errors);
    }
}
