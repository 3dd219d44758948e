#include "help.h"

#include "sluice/core/version.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice {

namespace {

std::string_view title_of(CommandGroup group)
{
    switch (group) {
    case CommandGroup::author:
        return "author";
    case CommandGroup::pipeline:
        return "pipeline";
    case CommandGroup::on_call:
        return "on-call";
    case CommandGroup::repair:
        return "repair";
    }
    return "";
}

std::string label_of(const CLI::Option& option)
{
    if (option.get_positional()) {
        return option.get_name();
    }
    std::string names;
    for (const std::string& name : option.get_lnames()) {
        names += (names.empty() ? "--" : ", --") + name;
    }
    const std::string value = option.get_type_name();
    if (value.empty()) {
        return names;
    }
    return names + (option.get_expected_min() == 0 ? "[=" + value + "]" : " " + value);
}

std::string options_text(const CLI::App& app, const std::string& group)
{
    std::string text;
    for (const CLI::Option* option : app.get_options()) {
        if (option->get_group() == group) {
            text += fmt::format("  {:<24}  {}\n", label_of(*option), option->get_description());
        }
    }
    return text;
}

} // namespace

std::string overview(const std::vector<Command>& commands)
{
    std::string text = fmt::format(
        "sluice {}: changes the schema and data of a live database without stopping the "
        "application\n\nUsage: sluice COMMAND [OPTIONS]\n",
        version());
    for (const CommandGroup group : {CommandGroup::author, CommandGroup::pipeline,
                                     CommandGroup::on_call, CommandGroup::repair}) {
        text += fmt::format("\n{}\n", title_of(group));
        for (const Command& command : commands) {
            if (command.group == group) {
                text += fmt::format("  {:<12}{}\n", command.name, command.summary);
            }
        }
    }
    return text + "\nA change goes through:  sluice new, plan, apply, verify, contract;  the way "
                  "back is sluice rollback.\nsluice COMMAND --help tells more, with examples and "
                  "exit codes.\n";
}

std::string help_of(const Command& command, const CLI::App& app)
{
    std::string text = fmt::format("sluice {}: {}\n\nUsage: sluice {} {}{}[OPTIONS]\n",
                                   command.name, command.summary, command.name, command.arguments,
                                   command.arguments.empty() ? "" : " ");
    if (!command.details.empty()) {
        text += "\n" + command.details + "\n";
    }
    if (const std::string own = options_text(app, "Options"); !own.empty()) {
        text += "\nOptions:\n" + own;
    }
    text += "\nCommon options:\n" + options_text(app, "Common");
    text += "\nExamples:\n";
    for (const std::string& example : command.examples) {
        text += "  " + example + "\n";
    }
    text += "\nExit codes:\n";
    for (const ExitCode& exit : command.exit_codes) {
        text += fmt::format("  {:>3}  {}\n", exit.code, exit.meaning);
    }
    return text;
}

} // namespace sluice
