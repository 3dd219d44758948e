#include "commands/commands.h"
#include "exit_code.h"
#include "outcome.h"
#include "sluice/core/error.h"
#include "sluice/migration/reader.h"
#include "sluice/report/json.h"
#include "template.h"
#include "workspace.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <memory>

namespace sluice {

namespace {

struct Options {
    std::string kind;
    std::vector<std::string> values;
    std::string name;
};

std::vector<TemplateValue> read_values(const std::vector<std::string>& words)
{
    std::vector<TemplateValue> values;
    for (const std::string& word : words) {
        const std::size_t equals = word.find('=');
        if (equals == std::string::npos) {
            throw Error(ErrorKind::usage, fmt::format("\"{}\" is no KEY=VALUE", word),
                        {.hint = "for example: sluice new rename_column table=users "
                                 "from=user_name to=username"});
        }
        values.push_back({word.substr(0, equals), word.substr(equals + 1)});
    }
    return values;
}

/// Letters, digits and "_": what can stand in a file's name everywhere.
std::string file_name_of(const std::string& text)
{
    std::string name;
    for (const char c : text) {
        const bool is_plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        const bool is_upper = c >= 'A' && c <= 'Z';
        name += is_plain ? c : is_upper ? static_cast<char>(c - 'A' + 'a') : '_';
    }
    return name;
}

std::string default_name(const Options& options, const std::vector<TemplateValue>& values)
{
    std::string table;
    std::string column;
    for (const TemplateValue& value : values) {
        if (value.key == "table") {
            table = value.text + "_";
        }
        if (value.key == "to" || value.key == "column") {
            column = value.text;
        }
    }
    return table + (column.empty() ? options.kind : column);
}

int run(const Options& options, Workspace& workspace)
{
    const std::vector<TemplateValue> values = read_values(options.values);
    const std::string text = fill_template(find_template(options.kind), values);
    const std::string name =
        file_name_of(options.name.empty() ? default_name(options, values) : options.name);
    const std::string folder = workspace.settings().migrations;
    const std::string path = fmt::format(
        "{}/{:%Y%m%d%H%M%S}_{}.toml", folder,
        fmt::gmtime(std::chrono::system_clock::to_time_t(workspace.clock().wall_now())), name);
    (void)parse_migration(text, path);
    if (std::filesystem::exists(path)) {
        throw Error(ErrorKind::usage, fmt::format("\"{}\" is there already", path));
    }
    std::error_code failed;
    std::filesystem::create_directories(folder, failed);
    std::ofstream file(path, std::ios::binary);
    if (!(file << text) || !file.flush()) {
        throw Error(ErrorKind::usage, fmt::format("cannot write \"{}\"", path));
    }
    workspace.print(path + "\n", result_json("new", "done", path));
    return exit_code::done;
}

std::string details()
{
    std::string text = "Fills a commented template and writes it into the migrations folder, with "
                       "the time as its version.\nA key that stands there as a comment is taken "
                       "in when it is given. Kinds and their keys:\n";
    for (const Template& one : all_templates()) {
        text += fmt::format("\n  {:<16}{}", one.kind, fmt::join(keys_of(one), ", "));
    }
    return text;
}

} // namespace

Command new_command()
{
    return {.name = "new",
            .group = Group::author,
            .arguments = "KIND [KEY=VALUE…]",
            .summary = "write a migration file from a template",
            .details = details(),
            .examples = {"sluice new rename_column table=users from=user_name to=username",
                         "sluice new add_column table=users column=locale type=\"varchar(10)\" "
                         "--name users_locale"},
            .exit_codes = exit_codes_of_asking("written; its path is printed"),
            .define = [](CLI::App& app) -> Run {
                const auto options = std::make_shared<Options>();
                app.add_option("KIND", options->kind, "the kind of change")->required();
                app.add_option("KEY=VALUE", options->values, "what the template leaves open");
                app.add_option("--name", options->name, "of the file, after its version")
                    ->type_name("NAME");
                return [options](Workspace& workspace) { return run(*options, workspace); };
            }};
}

} // namespace sluice
