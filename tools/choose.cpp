#include "choose.h"

#include "sluice/core/error.h"
#include "sluice/migration/folder.h"
#include "sluice/report/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace sluice {

namespace {

std::string names_of(const std::vector<State>& states)
{
    std::string text;
    for (std::size_t n = 0; n < states.size(); ++n) {
        const bool is_last = n + 1 == states.size();
        text += (n == 0 ? "" : is_last ? " or " : ", ") + std::string(name_of(states[n]));
    }
    return text;
}

/// "run 1 is done, run 2 is paused"
std::string states_of(const std::vector<RunRecord>& runs)
{
    std::vector<std::string> texts;
    for (const RunRecord& run : runs) {
        texts.push_back(fmt::format("run {} is {}", run.id, state_of(run)));
    }
    return fmt::format("{}", fmt::join(texts, ", "));
}

} // namespace

std::string title_of(const Migration& migration)
{
    return migration.version + " " + migration.name;
}

std::vector<const Migration*> choose_migrations(Workspace& workspace, const std::string& named,
                                                const std::vector<State>& states)
{
    const std::vector<Migration>& all = workspace.migrations();
    if (!named.empty()) {
        return {&find_migration(all, named)};
    }
    Session session = workspace.open();
    std::vector<const Migration*> chosen;
    for (const MigrationStatus& status : read_status(session, all)) {
        if (status.is_missing_file ||
            std::find(states.begin(), states.end(), status.state) == states.end()) {
            continue;
        }
        const auto found = std::find_if(all.begin(), all.end(), [&](const Migration& migration) {
            return compare_versions(migration.version, status.version) == 0;
        });
        if (found != all.end()) {
            chosen.push_back(&*found);
        }
    }
    return chosen;
}

const Migration& choose_migration(Workspace& workspace, const std::string& named,
                                  const std::vector<State>& states)
{
    const std::vector<const Migration*> chosen = choose_migrations(workspace, named, states);
    if (chosen.size() == 1) {
        return *chosen.front();
    }
    if (chosen.empty()) {
        throw Error(ErrorKind::usage, fmt::format("no migration is {}", names_of(states)),
                    {.hint = "`sluice status` shows the state of each."});
    }
    std::vector<std::string> titles;
    for (const Migration* migration : chosen) {
        titles.push_back(title_of(*migration));
    }
    throw Error(
        ErrorKind::usage,
        fmt::format("{} migrations may be meant: {}", titles.size(), fmt::join(titles, ", ")),
        {.hint = fmt::format("Name one of them after the command: `{}`.", chosen.back()->version)});
}

RunRecord choose_run(Workspace& workspace, Session& session,
                     const std::optional<std::int64_t>& named,
                     const std::function<bool(const RunRecord&)>& fits)
{
    const std::string hint = "`sluice runs` lists them.";
    std::vector<RunRecord> runs;
    if (workspace.has_state(session)) {
        runs = Runs(session).all();
    }
    if (named.has_value()) {
        const auto found = std::find_if(runs.begin(), runs.end(),
                                        [&](const RunRecord& run) { return run.id == *named; });
        if (found == runs.end()) {
            throw Error(ErrorKind::usage, fmt::format("there is no run {}", *named),
                        {.hint = hint});
        }
        return *found;
    }
    std::vector<RunRecord> fitting;
    std::copy_if(runs.begin(), runs.end(), std::back_inserter(fitting), fits);
    if (fitting.size() > 1) {
        throw Error(ErrorKind::usage,
                    fmt::format("{} runs may be meant: {}", fitting.size(), states_of(fitting)),
                    {.hint = "Name one of them by its number."});
    }
    if (fitting.empty()) {
        throw Error(
            ErrorKind::usage,
            runs.empty() ? "there are no runs" : fmt::format("no run fits: {}", states_of(runs)),
            {.hint = runs.empty() ? "`sluice apply` begins those of pending migrations." : hint});
    }
    return fitting.front();
}

} // namespace sluice
