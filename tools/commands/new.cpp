#include "commands/commands.h"
#include "exit_code.h"
#include "outcome.h"
#include "sluice/core/error.h"
#include "sluice/migration/reader.h"
#include "sluice/migration/template.h"
#include "sluice/report/json.h"
#include "workspace.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>

namespace sluice {

namespace {

struct Options {
    std::string kind;
    std::vector<std::string> values;
    std::string name;
};

using Values = std::map<std::string, std::string>;

Values read_values(const std::vector<std::string>& words)
{
    Values values;
    for (const std::string& word : words) {
        const std::size_t equals = word.find('=');
        if (equals == std::string::npos) {
            throw Error(ErrorKind::usage, fmt::format("\"{}\" is no KEY=VALUE", word),
                        {.hint = "For example: `sluice new rename_column table=users "
                                 "from=user_name to=username`."});
        }
        values[word.substr(0, equals)] = word.substr(equals + 1);
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

std::string default_name(const Options& options, const Values& values)
{
    std::string name;
    for (const char* key : {"table", "to", "column"}) {
        const auto given = values.find(key);
        if (given != values.end()) {
            name += (name.empty() ? "" : "_") + given->second;
        }
    }
    return name.empty() ? options.kind : name;
}

int run(const Options& options, Workspace& workspace)
{
    const Values values = read_values(options.values);
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
                       "the time as its version.\nKinds, and what they take ([optional]):\n";
    for (const Template& one : all_templates()) {
        std::string keys;
        for (const TemplateKey& key : one.keys) {
            keys += (keys.empty() ? "" : " ") + (key.optional ? "[" + key.name + "]" : key.name);
        }
        text += fmt::format("\n  {:<16}{}\n  {:<16}{}", one.kind, one.about, "", keys);
    }
    return text;
}

} // namespace

Command new_command()
{
    return {.name = "new",
            .group = CommandGroup::author,
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
