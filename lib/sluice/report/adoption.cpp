#include "sluice/report/adoption.h"

#include "sluice/core/counted.h"
#include "sluice/report/json.h"
#include "sluice/report/json_values.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice {

namespace {

bool is_changed(const BaselineMark& mark)
{
    return mark.from != mark.to || mark.was_edited;
}

std::string change_of(const BaselineMark& mark)
{
    if (mark.was_edited) {
        return "is marked anew: its file was edited since";
    }
    if (mark.from == mark.to) {
        return fmt::format("stays {}", name_of(mark.from));
    }
    return fmt::format("{} -> {}", name_of(mark.from), name_of(mark.to));
}

std::string_view name_of_file(WrittenFile file, Adoption kind)
{
    switch (file) {
    case WrittenFile::written:
        return kind == Adoption::preview ? "would be written" : "written";
    case WrittenFile::there_already:
        return "there already, the same";
    case WrittenFile::left_out:
        return "left out";
    }
    return "";
}

std::string_view key_of(WrittenFile file)
{
    switch (file) {
    case WrittenFile::written:
        return "written";
    case WrittenFile::there_already:
        return "there_already";
    case WrittenFile::left_out:
        return "left_out";
    }
    return "";
}

bool is_marked(const ImportResult& result, const ImportedMigration& migration)
{
    return std::find(result.marked.begin(), result.marked.end(), migration.version) !=
           result.marked.end();
}

} // namespace

std::string baseline_text(const std::vector<BaselineMark>& marks, Adoption kind)
{
    std::string text;
    if (kind == Adoption::preview) {
        for (const BaselineMark& mark : marks) {
            text += fmt::format("{} {}: {}\n", mark.version, mark.name, change_of(mark));
        }
    }
    const auto changed = std::count_if(marks.begin(), marks.end(), is_changed);
    const bool is_forgotten = std::any_of(marks.begin(), marks.end(), [](const BaselineMark& mark) {
        return mark.to == State::pending;
    });
    const char* verb = is_forgotten ? "pending again" : "marked as applied, without running any";
    const char* mood = kind == Adoption::preview ? "would be " : "";
    const auto others = std::ssize(marks) - changed;
    return text + fmt::format("{} {}{}{}\n", counted(changed, "migration"), mood, verb,
                              others == 0 ? "" : fmt::format("; {} stay as they are", others));
}

std::string baseline_json(const std::vector<BaselineMark>& marks, Adoption kind)
{
    Json result{{"format_version", format_version}};
    result["event"] = "result";
    result["command"] = "baseline";
    result["result"] = kind == Adoption::preview ? "preview" : "done";
    result["migrations"] = Json::array();
    for (const BaselineMark& mark : marks) {
        result["migrations"].push_back({{"version", mark.version},
                                        {"name", mark.name},
                                        {"from", name_of(mark.from)},
                                        {"to", name_of(mark.to)},
                                        {"changed", is_changed(mark)}});
    }
    return line_of(result);
}

std::string findings_text(const std::vector<ImportFinding>& findings)
{
    std::string text;
    for (const ImportFinding& finding : findings) {
        text += fmt::format("{}: {}: {}{}{}\n",
                            finding.location.line == 0 ? finding.location.file
                                                       : fmt::format("{}:{}", finding.location.file,
                                                                     finding.location.line),
                            name_of(finding.weight), finding.what,
                            finding.remedy.empty() ? "" : ". ", finding.remedy);
    }
    return text;
}

std::string import_text(const ImportResult& result, Adoption kind)
{
    const ImportedFolder& folder = *result.folder;
    std::string text;
    std::int64_t carried = 0;
    for (std::size_t n = 0; n < folder.migrations.size(); ++n) {
        const ImportedMigration& migration = folder.migrations[n];
        const bool is_left_out = result.files[n] == WrittenFile::left_out;
        carried += is_left_out ? 0 : 1;
        text += fmt::format("{}: {}{}\n",
                            is_left_out ? migration.source.file
                                        : result.to + "/" + migration.file_name(),
                            name_of_file(result.files[n], kind),
                            is_marked(result, migration) ? ", applied already" : "");
    }
    text += fmt::format("{} of {}, from {}", counted(carried, "migration"),
                        readable(std::ssize(folder.migrations)), name_of(folder.tool));
    if (!result.history.empty()) {
        text += fmt::format("; {} of them applied already, as {} says", result.marked.size(),
                            result.history);
    }
    return text + "\n";
}

std::string from_sql_json(const std::string& path, const std::vector<std::string>& understood)
{
    return line_of(Json{{"format_version", format_version},
                        {"event", "result"},
                        {"command", "new"},
                        {"result", "done"},
                        {"text", path},
                        {"understood", understood}});
}

std::string import_json(const ImportResult& result, Adoption kind)
{
    Json line{{"format_version", format_version}};
    line["event"] = "result";
    line["command"] = "import";
    line["result"] = kind == Adoption::preview ? "preview" : "done";
    line["tool"] = name_of(result.folder->tool);
    line["history"] = result.history.empty() ? Json(nullptr) : Json(result.history);
    line["migrations"] = Json::array();
    for (std::size_t n = 0; n < result.folder->migrations.size(); ++n) {
        const ImportedMigration& migration = result.folder->migrations[n];
        line["migrations"].push_back({{"version", migration.version},
                                      {"name", migration.name},
                                      {"source", migration.source.file},
                                      {"file", result.to + "/" + migration.file_name()},
                                      {"outcome", key_of(result.files[n])},
                                      {"applied", is_marked(result, migration)}});
    }
    line["findings"] = Json::array();
    for (const ImportFinding& finding : result.folder->findings) {
        line["findings"].push_back({{"weight", name_of(finding.weight)},
                                    {"file", finding.location.file},
                                    {"line", finding.location.line},
                                    {"what", finding.what},
                                    {"remedy", finding.remedy}});
    }
    return line_of(line);
}

} // namespace sluice
