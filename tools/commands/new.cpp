#include "commands/commands.h"
#include "exit_code.h"
#include "outcome.h"
#include "sluice/core/error.h"
#include "sluice/migration/from_sql.h"
#include "sluice/migration/reader.h"
#include "sluice/migration/template.h"
#include "sluice/report/adoption.h"
#include "sluice/report/json.h"
#include "workspace.h"
#include "write_files.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <map>
#include <memory>

namespace sluice {

namespace {

struct Options {
    std::string kind;
    std::vector<std::string> values;
    std::string name;
    std::string sql;
    std::string engine;
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
    for (const char* key : {"table", "to", "into", "column"}) {
        const auto given = values.find(key);
        if (given != values.end()) {
            name += (name.empty() ? "" : "_") + given->second;
        }
    }
    return name.empty() ? options.kind : name;
}

/// The time, to the second; files that are made within one take the seconds after it, and so keep
/// their order.
class Paths {
public:
    explicit Paths(Workspace& workspace)
        : folder_(workspace.settings().migrations), next_(workspace.clock().wall_now())
    {
    }

    std::string take(const std::string& name)
    {
        std::string version;
        do {
            version = fmt::format("{:%Y%m%d%H%M%S}",
                                  fmt::gmtime(std::chrono::system_clock::to_time_t(next_)));
            next_ += std::chrono::seconds{1};
        } while (is_version_taken(folder_, version));
        return fmt::format("{}/{}_{}.toml", folder_, version, file_name_of(name));
    }

private:
    std::string folder_;
    std::chrono::system_clock::time_point next_;
};

int fill(const Options& options, Workspace& workspace)
{
    const Values values = read_values(options.values);
    const std::string text = fill_template(find_template(options.kind), values);
    const std::string path =
        Paths(workspace).take(options.name.empty() ? default_name(options, values) : options.name);
    (void)parse_migration(text, path);
    write_new_file(path, text);
    workspace.print(path + "\n", result_json("new", "done", path));
    return exit_code::done;
}

FromSqlOptions spelling_of(const Options& options, Workspace& workspace)
{
    const Values values = read_values(options.values);
    FromSqlOptions spelling;
    if (const auto table = values.find("table"); table != values.end()) {
        spelling.table = table->second;
    }
    if (!options.engine.empty()) {
        spelling.engine = engine_from(options.engine);
    } else if (workspace.settings().url) {
        spelling.engine = workspace.url().engine;
    }
    return spelling;
}

int translate(const Options& options, Workspace& workspace)
{
    const auto migrations = migrations_from_sql(options.sql, spelling_of(options, workspace));
    Paths free(workspace);
    std::vector<std::string> paths;
    for (const auto& migration : migrations) {
        paths.push_back(free.take(options.name.empty() ? migration.name : options.name));
        (void)parse_migration(migration.text, paths.back());
    }
    for (std::size_t n = 0; n < migrations.size(); ++n) {
        write_new_file(paths[n], migrations[n].text);
        std::string text = paths[n] + "\n";
        for (const std::string& sentence : migrations[n].understood) {
            text += "    " + sentence + "\n";
        }
        workspace.print(text, from_sql_json(paths[n], migrations[n].understood));
    }
    return exit_code::done;
}

int run(const Options& options, Workspace& workspace)
{
    if (options.kind.empty() == options.sql.empty()) {
        throw Error(ErrorKind::usage,
                    options.sql.empty() ? "neither a KIND nor --from-sql"
                                        : "both a KIND and --from-sql",
                    {.hint = "For example: `sluice new rename_column table=users from=user_name "
                             "to=username`, or `sluice new --from-sql 'ALTER TABLE users RENAME "
                             "COLUMN user_name TO username'`."});
    }
    return options.sql.empty() ? fill(options, workspace) : translate(options, workspace);
}

/// What it takes, on lines of their own that fit a terminal.
std::string keys_of(const Template& one)
{
    constexpr std::size_t width = 85;
    std::string text;
    std::string line;
    for (const TemplateKey& key : one.keys) {
        const std::string word = key.optional ? "[" + key.name + "]" : key.name;
        if (line.empty() || line.size() + word.size() >= width) {
            text += line;
            line = fmt::format("\n  {:<19}{}", "", word);
        } else {
            line += " " + word;
        }
    }
    return text + line;
}

std::string details()
{
    std::string text = "Fills a commented template and writes it into the migrations folder, with "
                       "the time as its version.\nWith --from-sql it writes what a plain statement "
                       "means: the declared change where there is one,\nelse the statement itself "
                       "as a step. Kinds, and what they take ([optional]):\n";
    for (const Template& one : all_templates()) {
        text += fmt::format("\n  {:<19}{}{}", one.kind, one.about, keys_of(one));
    }
    return text;
}

} // namespace

Command new_command()
{
    return {.name = "new",
            .group = CommandGroup::author,
            .arguments = "[KIND] [KEY=VALUE…]",
            .summary = "write a migration file from a template",
            .details = details(),
            .examples = {"sluice new rename_column table=users from=user_name to=username",
                         "sluice new add_column table=users column=locale type=\"varchar(10)\" "
                         "--name users_locale",
                         "sluice new --from-sql 'ALTER TABLE users ADD COLUMN locale text, DROP "
                         "COLUMN lang'"},
            .exit_codes = exit_codes_of_asking("written; its path is printed"),
            .define = [](CLI::App& app) -> Run {
                const auto options = std::make_shared<Options>();
                app.add_option("KIND", options->kind, "the kind of change");
                app.add_option("KEY=VALUE", options->values, "what the template leaves open");
                app.add_option("--from-sql", options->sql, "plain statements, instead of a KIND")
                    ->type_name("SQL");
                app.add_option("--engine", options->engine,
                               "whose spelling that is, where no database is named")
                    ->type_name("ENGINE");
                app.add_option("--name", options->name, "of the file, after its version")
                    ->type_name("NAME");
                return [options](Workspace& workspace) { return run(*options, workspace); };
            }};
}

} // namespace sluice
