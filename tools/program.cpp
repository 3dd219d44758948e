#include "program.h"

#include "commands/commands.h"
#include "exit_code.h"
#include "help.h"
#include "signals.h"
#include "sluice/core/error.h"
#include "sluice/core/nearest.h"
#include "sluice/core/secrets.h"
#include "sluice/core/version.h"
#include "workspace.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>

namespace sluice {

namespace {

bool asks_for_help(const std::vector<std::string>& arguments)
{
    return std::any_of(arguments.begin(), arguments.end(), [](const std::string& argument) {
        return argument == "--help" || argument == "-h";
    });
}

Command find_command(std::vector<Command> commands, const std::string& name)
{
    std::vector<std::string> names;
    for (Command& command : commands) {
        if (command.name == name) {
            return std::move(command);
        }
        names.push_back(command.name);
    }
    if (name.rfind('-', 0) == 0) {
        throw Error(ErrorKind::usage, fmt::format("\"{}\" stands before the command", name),
                    {.hint = "Options follow the command: `sluice status --json`."});
    }
    const auto meant = nearest(name, names);
    throw Error(ErrorKind::usage, fmt::format("unknown command \"{}\"", without_passwords(name)),
                {.hint = meant.has_value() ? fmt::format("Did you mean \"{}\"?", *meant)
                                           : "`sluice` alone lists the commands."});
}

void add_common_options(CLI::App& app, CommonOptions& common)
{
    const auto group = [](CLI::Option* option) { option->group("Common"); };
    group(app.add_option("--env", common.wanted.environment, "environment of sluice.toml")
              ->type_name("NAME"));
    group(app.add_option("--url", common.wanted.url,
                         "database, instead of what sluice.toml or SLUICE_URL say")
              ->type_name("URL"));
    group(app.add_option("--migrations", common.wanted.migrations, "folder of the migration files")
              ->type_name("DIR"));
    group(app.add_option("--config", common.config, "instead of ./sluice.toml")->type_name("FILE"));
    group(app.add_flag("--json", common.json, "for machines: one line an event or one object"));
    group(app.add_flag("--quiet", common.is_quiet, "only results and errors"));
    group(app.add_flag("--no-progress", common.no_progress, "plain lines, nothing is redrawn"));
    group(app.add_flag("--trace-sql{-}", common.trace_sql,
                       "every statement, to stderr or --trace-sql=FILE"));
    group(app.add_option("--reason", common.reason, "why, for the ledger")->type_name("TEXT"));
    group(app.add_flag("--help", common.asks_for_help, "this text"));
}

std::vector<std::string> option_names(const CLI::App& app)
{
    std::vector<std::string> names;
    for (const CLI::Option* option : app.get_options()) {
        for (const std::string& name : option->get_lnames()) {
            names.push_back("--" + name);
        }
    }
    return names;
}

[[noreturn]] void refuse_argument(const Command& command, const CLI::App& app,
                                  const std::string& argument)
{
    const std::string name = argument.substr(0, argument.find('='));
    const auto meant = nearest(name, option_names(app));
    const bool is_option = name.rfind('-', 0) == 0;
    throw Error(
        ErrorKind::usage,
        is_option ? fmt::format("sluice {} has no option \"{}\"", command.name, name)
                  : fmt::format("sluice {} does not expect \"{}\"", command.name,
                                without_passwords(argument)),
        {.hint = is_option && meant.has_value()
                     ? fmt::format("Did you mean \"{}\"?", *meant)
                     : fmt::format("`sluice {} --help` tells what it takes.", command.name)});
}

/// "Could not convert" -> "could not convert", but not the name of an option or a key.
std::string tidy_start(std::string message)
{
    if (message.size() > 1 && std::isupper(static_cast<unsigned char>(message[0])) != 0 &&
        std::islower(static_cast<unsigned char>(message[1])) != 0) {
        message[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(message[0])));
    }
    return message;
}

void parse(const Command& command, CLI::App& app, std::vector<std::string> arguments)
{
    app.allow_extras();
    std::reverse(arguments.begin(), arguments.end());
    try {
        app.parse(std::move(arguments));
    } catch (const CLI::ParseError& error) {
        std::string message = without_passwords(error.what());
        message.erase(message.find_last_not_of(". \n") + 1);
        message = tidy_start(std::move(message));
        throw Error(ErrorKind::usage, fmt::format("sluice {}: {}", command.name, message),
                    {.hint = fmt::format("`sluice {} --help` tells what it takes.", command.name)});
    }
    if (const std::vector<std::string> extras = app.remaining(); !extras.empty()) {
        refuse_argument(command, app, extras.front());
    }
}

int run_command(const Command& command, std::vector<std::string> arguments, std::stop_source stop,
                Output& output)
{
    CLI::App app;
    app.set_help_flag();
    app.option_defaults()->group("Options");
    const Run run = command.define(app);
    CommonOptions common;
    add_common_options(app, common);
    if (asks_for_help(arguments)) {
        output.write(help_of(command, app));
        return exit_code::done;
    }
    parse(command, app, std::move(arguments));
    std::optional<StopOnSignal> signals;
    if (command.interrupt == Interrupt::after_batch) {
        signals.emplace(stop);
    }
    Workspace workspace(command.name, common, stop.get_token(), output);
    return run(workspace);
}

} // namespace

std::vector<Command> all_commands()
{
    return {new_command(),        plan_command(),     apply_command(),    expand_command(),
            migrate_command(),    verify_command(),   contract_command(), rollback_command(),
            status_command(),     ensure_command(),   runs_command(),     show_command(),
            watch_command(),      why_command(),      work_command(),     pause_command(),
            resume_command(),     hold_command(),     retry_command(),    stop_all_command(),
            set_command(),        cancel_command(),   log_command(),      unlock_command(),
            quarantine_command(), seek_command(),     metrics_command(),  doctor_command(),
            purge_command(),      baseline_command(), import_command()};
}

int run_program(const std::vector<std::string>& arguments, std::stop_source stop, Output& output)
{
    if (arguments.empty() || arguments[0] == "help" || arguments[0] == "--help" ||
        arguments[0] == "-h") {
        output.write(overview(all_commands()));
        return exit_code::done;
    }
    if (arguments[0] == "--version") {
        output.write(fmt::format("sluice {}\n", version()));
        return exit_code::done;
    }
    const Command command = find_command(all_commands(), arguments[0]);
    return run_command(command, {arguments.begin() + 1, arguments.end()}, std::move(stop), output);
}

} // namespace sluice
