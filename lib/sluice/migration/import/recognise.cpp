#include "sluice/core/error.h"
#include "sluice/core/nearest.h"
#include "sluice/migration/import/flyway_name.h"
#include "sluice/migration/import/foreign.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>

namespace sluice {

namespace {

constexpr std::array<std::pair<ImportTool, std::string_view>, 6> tool_names{{
    {ImportTool::dbmate, "dbmate"},
    {ImportTool::golang_migrate, "golang-migrate"},
    {ImportTool::goose, "goose"},
    {ImportTool::flyway, "flyway"},
    {ImportTool::sqitch, "sqitch"},
    {ImportTool::alembic, "alembic"},
}};

/// Is there a line that begins with "--" and then, whatever the blanks between, with this?
bool has_mark(const ImportFile& file, std::string_view mark)
{
    const auto lines = lines_of_script(file.text);
    return std::any_of(lines.begin(), lines.end(), [mark](const ScriptLine& line) {
        return line.text.starts_with("--") && lowered(trim(line.text.substr(2))).starts_with(mark);
    });
}

bool is_migrate_name(std::string_view name)
{
    return name.ends_with(".up.sql") && !leading_digits(name).empty();
}

bool fits(const ImportFile& file, ImportTool tool)
{
    const std::string name = file.name();
    const bool is_sql = name.ends_with(".sql");
    switch (tool) {
    case ImportTool::dbmate:
        return is_sql && has_mark(file, "migrate:up");
    case ImportTool::golang_migrate:
        return is_migrate_name(name);
    case ImportTool::goose:
        return is_sql && has_mark(file, "+goose up");
    case ImportTool::flyway:
        return is_sql && flyway_name(name).has_value();
    case ImportTool::sqitch:
        return file.path == "sqitch.plan";
    case ImportTool::alembic:
        return is_sql && has_mark(file, "running upgrade ");
    }
    return false;
}

[[noreturn]] void fail_unknown(const ImportSource& source)
{
    const bool has_revisions =
        std::any_of(source.files.begin(), source.files.end(), [](const ImportFile& file) {
            return file.name() == "alembic.ini" || file.name() == "script.py.mako";
        });
    if (has_revisions) {
        throw Error(ErrorKind::usage,
                    fmt::format("\"{}\" holds Alembic's revisions in Python", source.folder),
                    {.hint = "Let Alembic write them as SQL, then import that file: `alembic "
                             "upgrade head --sql > all.sql`, and the way back with `alembic "
                             "downgrade head:base --sql`."});
    }
    throw Error(
        ErrorKind::usage,
        fmt::format("nothing in \"{}\" is a migration of a tool that is known", source.folder),
        {.hint = fmt::format("Known are the files of {}. Give the folder that holds them; "
                             "for sqitch the one with sqitch.plan.",
                             fmt::join(import_tools(), ", "))});
}

} // namespace

std::string_view name_of(ImportTool tool)
{
    for (const auto& [known, name] : tool_names) {
        if (known == tool) {
            return name;
        }
    }
    throw Error(ErrorKind::internal, "a tool without a name");
}

const std::vector<std::string>& import_tools()
{
    static const std::vector<std::string> names = [] {
        std::vector<std::string> all;
        for (const auto& entry : tool_names) {
            all.emplace_back(entry.second);
        }
        return all;
    }();
    return names;
}

ImportTool import_tool_from(std::string_view name)
{
    for (const auto& [tool, known] : tool_names) {
        if (known == name) {
            return tool;
        }
    }
    const std::optional<std::string> meant = nearest(name, import_tools());
    throw Error(ErrorKind::usage, fmt::format("\"{}\" is no tool that is known", name),
                {.hint = fmt::format("{}There are {}.",
                                     meant ? fmt::format("Did you mean \"{}\"? ", *meant) : "",
                                     fmt::join(import_tools(), ", "))});
}

ImportTool recognise_tool(const ImportSource& source)
{
    std::vector<ImportTool> found;
    std::vector<std::string_view> names;
    for (const auto& [tool, name] : tool_names) {
        const auto is_one = [tool = tool](const ImportFile& file) { return fits(file, tool); };
        if (std::any_of(source.files.begin(), source.files.end(), is_one)) {
            found.push_back(tool);
            names.push_back(name);
        }
    }
    if (found.empty()) {
        fail_unknown(source);
    }
    if (found.size() > 1) {
        throw Error(ErrorKind::usage,
                    fmt::format("\"{}\" holds migrations of several tools: {}", source.folder,
                                fmt::join(names, ", ")),
                    {.hint = fmt::format("Say which one is meant: `--from {}`.", names.front())});
    }
    return found.front();
}

} // namespace sluice
