#include "ask.h"
#include "choose.h"
#include "commands/commands.h"
#include "exit_code.h"
#include "outcome.h"
#include "sluice/core/error.h"
#include "sluice/core/nearest.h"
#include "sluice/report/json.h"
#include "sluice/state/ledger.h"
#include "workspace.h"

#include <fmt/format.h>

#include <charconv>
#include <memory>

namespace sluice {

namespace {

struct Options {
    std::vector<std::string> words; ///< [RUN] KEY=VALUE…
};

struct Wish {
    std::optional<std::int64_t> run;
    PaceSettings pace;
};

template <class Number> Number number_from(const std::string& key, const std::string& text)
{
    Number number{};
    const char* end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || stopped != end) {
        throw Error(ErrorKind::usage, fmt::format("\"{}\" is no number for {}", text, key));
    }
    return number;
}

void read_setting(PaceSettings& pace, const std::string& key, const std::string& value)
{
    const std::vector<std::string> known{"batch_rows", "sleep", "duty"};
    if (key == known[0]) {
        pace.batch_rows = number_from<std::int64_t>(key, value);
    } else if (key == known[1]) {
        pace.sleep = parse_duration(value);
    } else if (key == known[2]) {
        pace.duty = number_from<double>(key, value);
    } else {
        const auto meant = nearest(key, known);
        throw Error(ErrorKind::usage, fmt::format("unknown setting \"{}\"", key),
                    {.hint = meant.has_value()
                                 ? fmt::format("Did you mean \"{}\"?", *meant)
                                 : "The settings are batch_rows=500, sleep=50ms and duty=0.5."});
    }
}

Wish read_wish(const Options& options)
{
    Wish wish;
    bool has_setting = false;
    for (const std::string& word : options.words) {
        const std::size_t equals = word.find('=');
        if (equals == std::string::npos) {
            wish.run = number_from<std::int64_t>("RUN", word);
            continue;
        }
        read_setting(wish.pace, word.substr(0, equals), word.substr(equals + 1));
        has_setting = true;
    }
    if (!has_setting) {
        throw Error(ErrorKind::usage, "nothing to set",
                    {.hint = "For example: `sluice set 3 batch_rows=200 sleep=100ms duty=0.3`."});
    }
    return wish;
}

std::string text_of(const Pace& pace)
{
    return fmt::format("batch_rows={} sleep={}ms duty={}", pace.batch_rows, pace.sleep.count(),
                       pace.duty);
}

int run(const Options& options, Workspace& workspace)
{
    const Wish wish = read_wish(options);
    Session session = workspace.open();
    const RunRecord chosen = choose_run(workspace, session, wish.run, [](const RunRecord& one) {
        return one.state != RunState::done;
    });
    Runs runs(session);
    Pace pace;
    change_state(workspace, session, [&] {
        const Pace before = runs.find(chosen.id).value_or(chosen).pace;
        pace = {.batch_rows = wish.pace.batch_rows.value_or(before.batch_rows),
                .sleep = wish.pace.sleep.value_or(before.sleep),
                .duty = wish.pace.duty.value_or(before.duty)};
        check_pace(pace);
        runs.set_pace(chosen.id, pace);
        append_ledger(session, current_actor(),
                      {.verb = "set",
                       .object = fmt::format("run {}", chosen.id),
                       .from = text_of(before),
                       .to = text_of(pace),
                       .reason = workspace.options().reason});
    });
    workspace.print(fmt::format("run {}: {}\n", chosen.id, text_of(pace)),
                    run_json(runs.find(chosen.id).value_or(chosen), runs.ranges(chosen.id)));
    return exit_code::done;
}

} // namespace

Command set_command()
{
    return {.name = "set",
            .group = CommandGroup::on_call,
            .arguments = "[RUN] KEY=VALUE…",
            .summary = "change the pace of a backfill while it runs",
            .details = "batch_rows: rows a transaction. sleep: least pause between two batches. "
                       "duty: the share of the\ntime that the worker may keep the database busy. "
                       "Obeyed from the next batch on.",
            .examples = {"sluice set batch_rows=200", "sluice set 3 sleep=100ms duty=0.3"},
            .exit_codes = exit_codes_of_asking("set, and recorded in the ledger"),
            .define = [](CLI::App& app) -> Run {
                const auto options = std::make_shared<Options>();
                app.add_option("KEY=VALUE", options->words,
                               "settings, after the run's number where several can be meant");
                return [options](Workspace& workspace) { return run(*options, workspace); };
            }};
}

} // namespace sluice
