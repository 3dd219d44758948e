#include "sluice/migration/import/import.h"

#include "sluice/core/error.h"
#include "sluice/db/tokens.h"
#include "sluice/migration/import/foreign.h"
#include "sluice/migration/import/numbering.h"
#include "sluice/migration/import/write.h"
#include "sluice/migration/reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>

namespace sluice {

namespace {

ForeignFolder read_foreign(const ImportSource& source, ImportTool tool)
{
    switch (tool) {
    case ImportTool::dbmate:
        return read_dbmate(source);
    case ImportTool::golang_migrate:
        return read_golang_migrate(source);
    case ImportTool::goose:
        return read_goose(source);
    case ImportTool::flyway:
        return read_flyway(source);
    case ImportTool::sqitch:
        return read_sqitch(source);
    case ImportTool::alembic:
        return read_alembic(source);
    }
    throw Error(ErrorKind::internal, "unknown tool");
}

/// What can stand in the name of a migration file.
std::string file_name_from(std::string_view text)
{
    constexpr std::size_t longest = 150;
    std::string name;
    for (const char c : text.substr(0, longest)) {
        const bool is_plain =
            std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.';
        const char written = is_plain ? c : '_';
        if (written != '_' || (!name.empty() && name.back() != '_')) {
            name += written;
        }
    }
    while (!name.empty() && name.back() == '_') {
        name.pop_back();
    }
    return name.empty() ? "migration" : name;
}

std::string sentence_from(std::string name)
{
    std::replace(name.begin(), name.end(), '_', ' ');
    return std::string(trim(name));
}

/// psql's :name, :'name' and :"name", but not a cast or a slice.
bool has_variable(std::string_view sql, Engine engine)
{
    const std::vector<Token> tokens = tokenize(sql, engine);
    for (std::size_t n = 0; n + 1 < tokens.size(); ++n) {
        const bool is_alone = (n == 0 || !tokens[n - 1].is_symbol(':')) &&
                              !tokens[n + 1].is_symbol(':') && !tokens[n + 1].is_symbol('=');
        if (tokens[n].is_symbol(':') && is_alone && tokens[n].end == tokens[n + 1].begin &&
            tokens[n + 1].kind != Token::Kind::number &&
            tokens[n + 1].kind != Token::Kind::symbol) {
            return true;
        }
    }
    return false;
}

/// Makes one migration of a tool into one of sluice.
class Carrier {
public:
    Carrier(const ForeignFolder& folder, ImportedFolder& imported, std::string prefix,
            Engine engine)
        : folder_(folder)
        , findings_(imported.findings)
        , tool_(imported.tool)
        , prefix_(std::move(prefix))
        , engine_(engine)
    {
    }

    ImportedMigration carry(const ForeignMigration& foreign, const std::string& version)
    {
        is_whole_ = foreign.is_usable;
        ImportedMigration migration{.version = version,
                                    .name = file_name_from(foreign.name),
                                    .identity = foreign.identity,
                                    .parents = foreign.parents,
                                    .source = foreign.source,
                                    .is_repeatable = foreign.is_repeatable};
        WrittenMigration written{.heading = fmt::format("Imported from {}: {}", name_of(tool_),
                                                        within_folder(foreign.source.file)),
                                 .summary = sentence_from(foreign.name)};
        const std::vector<ScriptStatement> up = statements_of(foreign.up);
        const std::vector<ScriptStatement> down = statements_of(foreign.down);
        if (!foreign.down.empty() && down.empty() && !up.empty()) {
            findings_.push_back(note_at(foreign.down.front().file, foreign.down.front().line,
                                        "the way back has no statement: undo = false"));
        }
        written.has_way_back = !down.empty();
        written.steps = pair_undo(up, down, engine_);
        migration.text = write_migration(written);
        check(migration);
        migration.is_whole = is_whole_;
        return migration;
    }

private:
    /// The same, however the folder was named.
    [[nodiscard]] std::string within_folder(const std::string& file) const
    {
        return file.starts_with(prefix_) ? file.substr(prefix_.size()) : file;
    }

    void problem(const std::string& file, int line, std::string what, std::string remedy)
    {
        is_whole_ = false;
        findings_.push_back(problem_at(file, line, std::move(what), std::move(remedy)));
    }

    std::vector<ScriptStatement> statements_of(const std::vector<ForeignPart>& parts)
    {
        std::vector<ScriptStatement> statements;
        for (const ForeignPart& part : parts) {
            const Script script = part.is_one_statement
                                      ? whole_script(part.text, engine_, part.line)
                                      : split_script(part.text, engine_, part.line);
            for (const ScriptFault& fault : script.faults) {
                problem(part.file, fault.line, fault.problem,
                        "Change it to SQL that the server runs by itself.");
            }
            for (const ScriptStatement& statement : script.statements) {
                if (is_carried(statement, part.file)) {
                    statements.push_back(statement);
                }
            }
        }
        return statements;
    }

    bool is_carried(const ScriptStatement& statement, const std::string& file)
    {
        if (is_bookkeeping(statement.sql)) {
            return false;
        }
        if (folder_.has_variables && has_variable(statement.sql, engine_)) {
            problem(file, statement.line, "has a variable of the client",
                    "Write its value in its place.");
        }
        switch (role_of(statement.sql, engine_)) {
        case ScriptRole::transaction:
            return false;
        case ScriptRole::tuning:
            findings_.push_back(note_at(
                file, statement.line,
                fmt::format("\"{}\" is left out: sluice sets its own", headline(statement.sql))));
            return false;
        case ScriptRole::gives_up:
            problem(
                file, statement.line,
                fmt::format("\"{}\" takes back what is done before it", headline(statement.sql)),
                "Leave out what is taken back.");
            return false;
        case ScriptRole::setting:
            problem(file, statement.line,
                    fmt::format("\"{}\" changes what the statements after it mean; sluice runs "
                                "each by itself",
                                headline(statement.sql)),
                    "Write names with their schema, and tables in an order that needs no such "
                    "setting; then take it out.");
            return false;
        case ScriptRole::work:
            return true;
        }
        return true;
    }

    /// A statement by which the tool keeps its own table.
    [[nodiscard]] bool is_bookkeeping(std::string_view sql) const
    {
        if (folder_.history_table.empty()) {
            return false;
        }
        const std::vector<Token> tokens = tokenize(sql, engine_);
        const bool may_be =
            !tokens.empty() &&
            std::any_of(tokens.begin(), tokens.end(), [this](const Token& token) {
                return token.is_name() && lowered(token.text).starts_with(folder_.history_table);
            });
        return may_be && (tokens[0].is("INSERT") || tokens[0].is("UPDATE") ||
                          tokens[0].is("DELETE") || tokens[0].is("CREATE") || tokens[0].is("DROP"));
    }

    static std::string headline(std::string_view sql)
    {
        constexpr std::size_t longest = 60;
        const std::string_view line = sql.substr(0, std::min(sql.find('\n'), sql.size()));
        return line.size() <= longest ? std::string(line)
                                      : std::string(line.substr(0, longest)) + "…";
    }

    /// What sluice's own reader would not take is told now.
    void check(const ImportedMigration& migration)
    {
        try {
            static_cast<void>(parse_migration(migration.text, migration.file_name()));
        } catch (const Error& error) {
            problem(migration.source.file, migration.source.line, error.message,
                    error.details.hint);
        }
    }

    const ForeignFolder& folder_;
    std::vector<ImportFinding>& findings_;
    ImportTool tool_;
    std::string prefix_;
    Engine engine_;
    bool is_whole_ = true;
};

} // namespace

std::string_view name_of(ImportWeight weight)
{
    switch (weight) {
    case ImportWeight::note:
        return "note";
    case ImportWeight::warning:
        return "warning";
    case ImportWeight::problem:
        return "problem";
    }
    return "";
}

bool ImportedFolder::has(ImportWeight weight) const
{
    return std::any_of(findings.begin(), findings.end(),
                       [weight](const ImportFinding& finding) { return finding.weight == weight; });
}

ImportedFolder import_folder(const ImportSource& source, ImportTool tool, Engine engine)
{
    ForeignFolder foreign = read_foreign(source, tool);
    if (foreign.migrations.empty()) {
        throw Error(ErrorKind::usage,
                    fmt::format("\"{}\" holds no migration of {}", source.folder, name_of(tool)),
                    {.hint = "Give the folder that holds them, or another tool with --from."});
    }
    const std::vector<std::string> versions = number_migrations(foreign);
    ImportedFolder imported{.tool = tool, .migrations = {}, .findings = foreign.findings};
    Carrier carrier(foreign, imported, source.folder + "/", engine);
    for (std::size_t n = 0; n < foreign.migrations.size(); ++n) {
        imported.migrations.push_back(carrier.carry(foreign.migrations[n], versions[n]));
    }
    return imported;
}

} // namespace sluice
