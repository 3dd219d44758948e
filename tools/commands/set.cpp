#include "ask.h"
#include "choose.h"
#include "commands/commands.h"
#include "exit_code.h"
#include "outcome.h"
#include "sluice/core/error.h"
#include "sluice/core/nearest.h"
#include "sluice/throttle/monitor.h"
#include "sluice/throttle/rules_text.h"
#include "workspace.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <string_view>
#include <utility>

namespace sluice {

namespace {

struct Options {
    std::vector<std::string> words; ///< [RUN] KEY=VALUE…
};

struct Wish {
    std::optional<std::int64_t> run;
    PaceSettings pace;
    std::optional<std::int64_t> bad_rows;
    std::vector<std::pair<std::string, std::string>> rules; ///< of [throttle], "off" for none
};

constexpr std::string_view throttle = "throttle.";

template <class Number> Number number_from(const std::string& key, const std::string& text)
{
    Number number{};
    const char* end = text.data() + text.size();
    if (const auto [rest, error] = std::from_chars(text.data(), end, number);
        error != std::errc{} || rest != end) {
        throw Error(ErrorKind::usage, fmt::format("\"{}\" is no number for {}", text, key));
    }
    return number;
}

struct Setting {
    std::string key;
    void (*read)(Wish& wish, const std::string& key, const std::string& value);
};

using Text = const std::string&;

const std::array<Setting, 7>& settings()
{
    static const std::array<Setting, 7> all{{
        {"batch_rows",
         [](Wish& wish, Text key, Text value) {
             wish.pace.batch_rows = number_from<std::int64_t>(key, value);
         }},
        {"sleep", [](Wish& wish, Text, Text value) { wish.pace.sleep = parse_duration(value); }},
        {"duty", [](Wish& wish, Text key,
                    Text value) { wish.pace.duty = number_from<double>(key, value); }},
        {"batch_max",
         [](Wish& wish, Text key, Text value) {
             wish.pace.batch_max = number_from<std::int64_t>(key, value);
         }},
        {"batch_time",
         [](Wish& wish, Text, Text value) { wish.pace.batch_time = parse_duration(value); }},
        {"workers", [](Wish& wish, Text key,
                       Text value) { wish.pace.workers = number_from<int>(key, value); }},
        {"bad_rows", [](Wish& wish, Text key,
                        Text value) { wish.bad_rows = number_from<std::uint32_t>(key, value); }},
    }};
    return all;
}

Error unknown_setting(const std::string& key)
{
    std::vector<std::string> known;
    for (const Setting& setting : settings()) {
        known.push_back(setting.key);
    }
    const auto meant = nearest(key, known);
    return {ErrorKind::usage,
            fmt::format("unknown setting \"{}\"", key),
            {.hint = meant.has_value() ? fmt::format("Did you mean \"{}\"?", *meant)
                                       : "The settings are batch_rows=500, batch_max=1000, "
                                         "batch_time=50ms, sleep=20ms, duty=0.5, workers=1, "
                                         "bad_rows=0 and throttle.replica_lag=5s."}};
}

void read_setting(Wish& wish, const std::string& key, const std::string& value)
{
    if (key.rfind(throttle, 0) == 0) {
        wish.rules.emplace_back(key.substr(throttle.size()), value);
        return;
    }
    const auto* const found = std::find_if(settings().begin(), settings().end(),
                                           [&key](const Setting& one) { return one.key == key; });
    if (found == settings().end()) {
        throw unknown_setting(key);
    }
    found->read(wish, key, value);
}

Wish read_wish(const Options& options)
{
    Wish wish;
    for (const std::string& word : options.words) {
        const std::size_t equals = word.find('=');
        if (equals == std::string::npos) {
            wish.run = number_from<std::int64_t>("RUN", word);
            continue;
        }
        read_setting(wish, word.substr(0, equals), word.substr(equals + 1));
    }
    if (std::none_of(options.words.begin(), options.words.end(),
                     [](const std::string& word) { return word.find('=') != word.npos; })) {
        throw Error(ErrorKind::usage, "nothing to set",
                    {.hint = "For example: `sluice set 3 batch_rows=200 sleep=100ms duty=0.3`."});
    }
    return wish;
}

/// Rows alone, without a ceiling, are meant as both: whoever types 200 wants no batch of 1000.
Pace wished(const Pace& before, const PaceSettings& wish)
{
    Pace pace{.batch_rows = wish.batch_rows.value_or(before.batch_rows),
              .batch_max = wish.batch_max.value_or(wish.batch_rows.value_or(before.batch_max)),
              .batch_time = wish.batch_time.value_or(before.batch_time),
              .sleep = wish.sleep.value_or(before.sleep),
              .duty = wish.duty.value_or(before.duty),
              .workers = wish.workers.value_or(before.workers)};
    if (!wish.batch_rows) {
        pace.batch_rows = std::min(pace.batch_rows, pace.batch_max);
    }
    return pace;
}

std::string text_of(const RunRecord& run)
{
    const std::string rules = text_of(rules_from_json(run.throttle));
    return text_of(run.pace) +
           (run.bad_rows_allowed > 0 ? fmt::format(" bad_rows={}", run.bad_rows_allowed) : "") +
           (rules.empty() ? "" : " throttle: " + rules);
}

void change_rules(Session& session, const RunRecord& run, const Wish& wish)
{
    Rules rules = rules_from_json(run.throttle);
    for (const auto& [key, value] : wish.rules) {
        rules = with_rule(std::move(rules), key, value);
    }
    check_rules(rules, session.dialect());
    Runs(session).set_throttle(run.id, to_json(rules));
}

int run(const Options& options, Workspace& workspace)
{
    const Wish wish = read_wish(options);
    Session session = workspace.open();
    const RunRecord chosen = choose_run(workspace, session, wish.run, [](const RunRecord& one) {
        return one.state != RunState::done;
    });
    std::string now;
    change_state(workspace, session, [&] {
        Runs runs(session);
        const RunRecord before = runs.find(chosen.id).value_or(chosen);
        const Pace pace = wished(before.pace, wish.pace);
        check_pace(pace);
        runs.set_pace(chosen.id, pace);
        runs.allow_bad_rows(chosen.id, wish.bad_rows.value_or(before.bad_rows_allowed));
        if (!wish.rules.empty()) {
            change_rules(session, before, wish);
        }
        now = text_of(runs.find(chosen.id).value_or(chosen));
        record_asked(workspace, session, chosen.id,
                     {.verb = "set", .from = text_of(before), .to = now});
    });
    print_run(workspace, session, fmt::format("run {}: {}", chosen.id, now), chosen.id);
    return exit_code::done;
}

} // namespace

Command set_command()
{
    return {.name = "set",
            .group = CommandGroup::on_call,
            .arguments = "[RUN] KEY=VALUE…",
            .summary = "change the pace and the throttle of a backfill while it runs",
            .details =
                "batch_rows: rows a transaction, and the ceiling too unless batch_max "
                "says it. batch_max: the ceiling.\nbatch_time: what a batch should take; "
                "its rows follow. sleep: least pause between two batches.\nduty: the share "
                "of the time that a worker may keep the database busy. workers: how many "
                "in each\nprocess. bad_rows: how many rows may be set aside before the run "
                "halts. Obeyed from the next batch on.\nthrottle.KEY: a rule as in [throttle]; a "
                "list takes one more item, off takes the rule away.\nObeyed by every worker within "
                "a second.",
            .examples = {"sluice set batch_rows=200", "sluice set 3 sleep=100ms duty=0.3",
                         "sluice set 3 throttle.replica_lag=10s throttle.replica_lag.critical=5m",
                         "sluice set 3 throttle.window=off"},
            .exit_codes = exit_codes_of_asking("set, and recorded in the ledger"),
            .define = [](CLI::App& app) -> Run {
                const auto options = std::make_shared<Options>();
                app.add_option("KEY=VALUE", options->words,
                               "settings, after the run's number where several can be meant");
                return [options](Workspace& workspace) { return run(*options, workspace); };
            }};
}

} // namespace sluice
