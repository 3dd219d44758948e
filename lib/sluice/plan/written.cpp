#include "sluice/plan/written.h"

#include "sluice/db/sql_text.h"
#include "sluice/db/tokens.h"
#include "sluice/plan/keys.h"
#include "sluice/plan/lookup.h"
#include "sluice/plan/refusals.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace sluice {
namespace {

/// The first line of a statement, cut to what fits one line of a plan.
std::string headline(const std::string& sql)
{
    constexpr std::size_t longest = 72;
    std::string line;
    for (const char c : sql) {
        const bool is_space = c == ' ' || c == '\n' || c == '\t' || c == '\r';
        if (!is_space || (!line.empty() && line.back() != ' ')) {
            line += is_space ? ' ' : c;
        }
    }
    while (!line.empty() && (line.back() == ' ' || line.back() == ';')) {
        line.pop_back();
    }
    if (line.size() <= longest) {
        return line;
    }
    std::size_t end = longest;
    while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0) == 0x80) {
        --end; // not in the middle of a character
    }
    return line.substr(0, end) + "…";
}

/// The name after CREATE TABLE, which the catalog cannot know yet.
std::optional<TableName> created_table(const std::string& sql, const Dialect& dialect)
{
    const std::vector<Token> tokens = tokenize(sql, dialect.server().engine);
    const auto table = std::find_if(tokens.begin(), tokens.end(),
                                    [](const Token& token) { return token.is("TABLE"); });
    if (tokens.empty() || !tokens.front().is("CREATE") || table == tokens.end()) {
        return std::nullopt;
    }
    auto name = table + 1;
    while (name != tokens.end() && (name->is("IF") || name->is("NOT") || name->is("EXISTS"))) {
        ++name;
    }
    if (name == tokens.end() || !name->is_name()) {
        return std::nullopt;
    }
    if (tokens.end() - name > 2 && (name + 1)->is_symbol('.')) {
        return TableName{.schema = name->text, .name = (name + 2)->text};
    }
    return TableName{.schema = {}, .name = name->text};
}

std::vector<TableName> touched_tables(const std::string& sql, const Draft& draft)
{
    std::set<std::string> mentioned;
    for (const std::string& name : names_in(sql, draft.dialect().server().engine)) {
        mentioned.insert(lower_case(name));
    }
    std::vector<TableName> tables;
    for (const Table& table : draft.catalog().tables) {
        if (mentioned.count(lower_case(table.name.name)) > 0) {
            tables.push_back(table.name);
        }
    }
    // Statements before this one may have made a table that the catalog does not have.
    for (const TableName& table : draft.tables()) {
        if (mentioned.count(lower_case(table.name)) > 0 &&
            std::find(tables.begin(), tables.end(), table) == tables.end()) {
            tables.push_back(table);
        }
    }
    const auto created = created_table(sql, draft.dialect());
    if (created && draft.find(*created) == nullptr &&
        std::find(tables.begin(), tables.end(), *created) == tables.end()) {
        tables.push_back(*created);
    }
    return tables;
}

SchemaWork statement_work(const std::string& sql, const std::string& done, const Dialect& dialect)
{
    return {.mode = dialect.mode_of(sql), .steps = {Step{.sql = sql, .done = done}}};
}

std::string section_of(Phase phase)
{
    return fmt::format("[[{}]]", name_of(phase));
}

} // namespace

std::string expand_sql(const Migration& migration, const Dialect& dialect)
{
    std::string text;
    for (const SqlStep& step : migration.expand) {
        text += require_text(step.sql, dialect, "[[expand]] sql", step.location) + "\n";
    }
    return text;
}

void add_statement(Draft& draft, Phase phase, const SqlStep& step)
{
    const Dialect& dialect = draft.dialect();
    const std::string sql =
        require_text(step.sql, dialect, section_of(phase) + " sql", step.location);
    const auto undo = optional_text(step.undo, dialect, "`undo`", step.location);
    const auto done = optional_text(step.done, dialect, "`done`", step.location);
    Action action{.phase = phase,
                  .summary = headline(sql),
                  .reason = {},
                  .lock = dialect.lock_of(sql),
                  .work = statement_work(sql, done.value_or(""), dialect),
                  .undo = {},
                  .irreversible = !undo.has_value(),
                  .tables = touched_tables(sql + "\n" + undo.value_or(""), draft)};
    if (undo) {
        action.undo = statement_work(*undo, "", dialect);
    }
    if (!undo && !step.irreversible) {
        draft.note(fmt::format(
            "\"{}\" has no undo: once it has run, `sluice rollback` stops there.", action.summary));
    } else if (!undo) {
        draft.note(fmt::format("\"{}\" cannot be undone, as its file says.", action.summary));
    }
    for (const std::string& statement : {sql, undo.value_or("")}) {
        if (const std::string advice = dialect.lock_advice(statement); !advice.empty()) {
            draft.note(fmt::format("\"{}\" {}", headline(statement), advice));
        }
    }
    draft.add(std::move(action));
}

} // namespace sluice
