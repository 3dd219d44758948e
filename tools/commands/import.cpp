#include "commands/commands.h"
#include "exit_code.h"
#include "outcome.h"
#include "sluice/core/counted.h"
#include "sluice/core/error.h"
#include "sluice/migration/folder.h"
#include "sluice/report/adoption.h"
#include "workspace.h"
#include "write_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace sluice {

namespace {

struct Options {
    std::string from_folder;
    std::string tool;
    std::string to;
    std::string engine;
    std::string history_url;
    bool is_partial = false;
    bool is_dry = false;
};

Engine engine_of(const Options& options, Workspace& workspace)
{
    if (options.engine.empty()) {
        if (!workspace.settings().url) {
            throw Error(ErrorKind::usage, "nothing says which engine the SQL is for",
                        {.hint = "Name the database with --url or --env, and what it has applied "
                                 "already is marked; or give --engine postgresql, mysql or "
                                 "sqlite."});
        }
        return workspace.url().engine;
    }
    return engine_from(options.engine);
}

ImportedFolder read_folder_of_tool(const Options& options, Workspace& workspace)
{
    const Engine engine = engine_of(options, workspace);
    const ImportSource source = read_import_source(options.from_folder);
    const ImportTool tool =
        options.tool.empty() ? recognise_tool(source) : import_tool_from(options.tool);
    return import_folder(source, tool, engine);
}

Session open_history(const Options& options, Workspace& workspace)
{
    if (options.history_url.empty()) {
        return workspace.open();
    }
    return {parse_url(options.history_url), {.purpose = "import"}};
}

void warn(ImportedFolder& folder, const ImportedMigration& migration, std::string what,
          std::string remedy)
{
    folder.findings.push_back(
        {ImportWeight::warning, migration.source, std::move(what), std::move(remedy)});
}

/// A gap in what was applied, and what is applied without being carried over.
void check_order(ImportedFolder& folder, const std::vector<std::string>& marked)
{
    if (marked.empty()) {
        return;
    }
    for (const ImportedMigration& migration : folder.migrations) {
        const bool is_marked =
            std::find(marked.begin(), marked.end(), migration.version) != marked.end();
        if (is_marked && !migration.is_whole) {
            warn(folder, migration, "is applied, and not carried over", "");
        } else if (!is_marked && migration.is_whole &&
                   compare_versions(migration.version, marked.back()) < 0) {
            warn(folder, migration, "is not applied, and sorts before one that is",
                 "Apply it with `sluice apply --allow-late`, or mark it with `sluice baseline`.");
        }
    }
}

void read_history(const Options& options, Workspace& workspace, ImportedFolder& folder,
                  ImportResult& result)
{
    if (!workspace.settings().url && options.history_url.empty()) {
        return;
    }
    Session session = open_history(options, workspace);
    const auto record = read_foreign_record(session, folder.tool);
    if (!record) {
        folder.findings.push_back(
            {ImportWeight::note,
             {options.from_folder, 0, 0},
             fmt::format("the database has no table of {}: nothing is applied already",
                         name_of(folder.tool)),
             "Where it is kept elsewhere, name that with --history-url."});
        return;
    }
    const ForeignApplied applied = match_foreign_record(*record, folder);
    result.history = record->table;
    for (const ImportedMigration* migration : applied.applied) {
        result.marked.push_back(migration->version);
    }
    for (const std::string& identity : applied.unknown) {
        folder.findings.push_back({ImportWeight::warning,
                                   {options.from_folder, 0, 0},
                                   fmt::format("{} says that \"{}\" is applied, and there is no "
                                               "file of it",
                                               record->table, identity),
                                   ""});
    }
    check_order(folder, result.marked);
}

[[noreturn]] void refuse(const ImportResult& result, Workspace& workspace)
{
    const auto& all = result.folder->migrations;
    const auto left_out = std::count_if(all.begin(), all.end(),
                                        [](const auto& migration) { return !migration.is_whole; });
    workspace.print([&] { return findings_text(result.folder->findings); },
                    [&] { return import_json(result, Adoption::preview); });
    throw Error(ErrorKind::refused,
                fmt::format("{} of {} cannot be carried over, and nothing was written", left_out,
                            counted(std::ssize(all), "migration")),
                {.hint = "Correct what is named as a problem and import again; or carry over the "
                         "others alone with --partial."});
}

void mark(Workspace& workspace, const std::vector<std::string>& versions)
{
    std::vector<const Migration*> chosen;
    for (const Migration& migration : workspace.migrations()) {
        const auto is_this = [&](const std::string& version) {
            return compare_versions(version, migration.version) == 0;
        };
        if (std::any_of(versions.begin(), versions.end(), is_this)) {
            chosen.push_back(&migration);
        }
    }
    static_cast<void>(workspace.runner().baseline(chosen));
}

int run(const Options& options, Workspace& workspace)
{
    if (!options.to.empty()) {
        workspace.use_folder(options.to);
    }
    ImportedFolder folder = read_folder_of_tool(options, workspace);
    ImportResult result{.folder = &folder, .to = workspace.settings().migrations};
    result.files = files_to_write(folder, result.to);
    const bool is_whole = std::all_of(folder.migrations.begin(), folder.migrations.end(),
                                      [](const auto& migration) { return migration.is_whole; });
    if (!is_whole && !options.is_partial) {
        refuse(result, workspace);
    }
    read_history(options, workspace, folder, result);
    if (!options.is_dry) {
        write_files(folder, result.to, result.files);
        if (!result.marked.empty()) {
            mark(workspace, result.marked);
        }
    }
    const Adoption kind = options.is_dry ? Adoption::preview : Adoption::done;
    workspace.print([&] { return import_text(result, kind) + findings_text(folder.findings); },
                    [&] { return import_json(result, kind); });
    return folder.has(ImportWeight::warning) || folder.has(ImportWeight::problem)
               ? exit_code::pending
               : exit_code::done;
}

void define(CLI::App& app, Options& options)
{
    app.add_option("DIR", options.from_folder, "the other tool's folder, or one file of SQL")
        ->required();
    app.add_option(
           "--from", options.tool,
           "dbmate, golang-migrate, goose, flyway, sqitch or alembic; else told by the files")
        ->type_name("TOOL");
    app.add_option("--to", options.to, "folder to write to, instead of the migrations folder")
        ->type_name("DIR");
    app.add_option("--engine", options.engine,
                   "postgresql, mysql or sqlite, where no database is named")
        ->type_name("ENGINE");
    app.add_option("--history-url", options.history_url,
                   "database with the tool's own table, where it is another")
        ->type_name("URL");
    app.add_flag("--partial", options.is_partial, "carry over the others, where some cannot be");
    app.add_flag("--dry-run", options.is_dry, "show what would be written and marked");
}

} // namespace

Command import_command()
{
    return {
        .name = "import",
        .group = CommandGroup::author,
        .arguments = "DIR",
        .summary = "make another tool's migrations into migration files",
        .details =
            "Every statement becomes an [[expand]] step, with the way back as its undo. What "
            "the tool's own table\nin the database says is applied is marked so, as `sluice "
            "baseline` does; the table stays as it is.\nWhat cannot be carried over is named "
            "by file and line, and then nothing is written. No file is\never written over.",
        .examples = {"sluice import db/migrations --dry-run",
                     "sluice import db/migrations --from goose --env production",
                     "sluice import all.sql --from alembic --engine postgresql --to migrations"},
        .exit_codes = {{exit_code::done, "carried over whole"},
                       {exit_code::pending, "carried over, with warnings to read; or in part"},
                       {exit_code::failed, "failed"},
                       {exit_code::refused,
                        "something cannot be carried over, a file is there already, or the other "
                        "tool left one half applied; nothing is written"},
                       {exit_code::held, "another runner holds the database"},
                       {exit_code::usage, "the command line or sluice.toml is wrong"}},
        .define = [](CLI::App& app) -> Run {
            const auto options = std::make_shared<Options>();
            define(app, *options);
            return [options](Workspace& workspace) { return run(*options, workspace); };
        }};
}

} // namespace sluice
