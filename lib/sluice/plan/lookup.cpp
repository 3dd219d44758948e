#include "sluice/plan/lookup.h"

#include "sluice/core/error.h"
#include "sluice/core/nearest.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace sluice {

void fail_at(const Location& location, const std::string& problem, std::string hint)
{
    throw Error(ErrorKind::definition, fmt::format("{}: {}", location.display(), problem),
                {.hint = std::move(hint)});
}

void refuse_at(const Location& location, const std::string& problem, std::string hint)
{
    throw Error(ErrorKind::refused, fmt::format("{}: {}", location.display(), problem),
                {.hint = std::move(hint)});
}

std::string quoted_names(const std::vector<std::string>& names)
{
    std::string list;
    for (std::size_t i = 0; i < names.size(); ++i) {
        list += i == 0 ? "" : i + 1 == names.size() ? " and " : ", ";
        list += fmt::format("\"{}\"", names[i]);
    }
    return list;
}

bool contains(const std::vector<std::string>& names, std::string_view name)
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::string nearest_hint(std::string_view found, const std::vector<std::string>& known)
{
    constexpr std::size_t few = 12;
    if (const auto name = nearest(found, known)) {
        return fmt::format("Did you mean \"{}\"?", *name);
    }
    if (known.empty() || known.size() > few) {
        return "Correct the name, or look at the schema with the database's own client.";
    }
    return fmt::format("There {} {}.", known.size() == 1 ? "is" : "are", quoted_names(known));
}

std::vector<std::string> column_names(const Table& table)
{
    std::vector<std::string> names;
    for (const Column& column : table.columns) {
        names.push_back(column.name);
    }
    return names;
}

const Table& require_table(const Catalog& catalog, const TableName& name, const Location& location)
{
    if (const Table* table = catalog.find(name)) {
        return *table;
    }
    std::vector<std::string> known;
    for (const Table& table : catalog.tables) {
        known.push_back(name.schema.empty() ? table.name.name : display(table.name));
    }
    fail_at(location, fmt::format("there is no table \"{}\"", display(name)),
            nearest_hint(display(name), known));
}

const Column& require_column(const Table& table, const std::string& name, const Location& location)
{
    if (const Column* column = table.find(name)) {
        return *column;
    }
    fail_at(location, fmt::format("table \"{}\" has no column \"{}\"", display(table.name), name),
            nearest_hint(name, column_names(table)));
}

std::string require_text(const EngineText& text, const Dialect& dialect, const std::string& what,
                         const Location& location)
{
    const Server& server = dialect.server();
    if (const auto found = text.text_for(server.engine, server.is_mariadb)) {
        return *found;
    }
    const std::string_view engine = name_of(server.engine);
    fail_at(location, fmt::format("{} has no text for {}", what, engine),
            fmt::format("Add {} = \"…\" to its texts by engine; `SELECT 1` where there is nothing "
                        "to do.",
                        engine));
}

std::optional<std::string> optional_text(const std::optional<EngineText>& text,
                                         const Dialect& dialect, const std::string& what,
                                         const Location& location)
{
    if (!text) {
        return std::nullopt;
    }
    return require_text(*text, dialect, what, location);
}

} // namespace sluice
