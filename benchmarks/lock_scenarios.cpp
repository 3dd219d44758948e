// How long others wait because of sluice while somebody holds the table: every kind of statement of
// every sample plan's whole life meets an open transaction that has read the table, and one that
// has written it.

#include "change.h"
#include "lock_street.h"
#include "measure.h"
#include "scenarios.h"
#include "sluice/core/error.h"
#include "sluice/db/tokens.h"
#include "sluice/plan/planner.h"
#include "sluice/run/runner.h"
#include "support/sample_plans.h"
#include "support/sample_schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>

namespace sluice::bench {

namespace {

/// A statement without its names, as far as it tells its kind: "ALTER TABLE … ADD COLUMN …".
std::string kind_of(std::string_view sql, Engine engine)
{
    constexpr std::size_t most_words = 12;
    std::string text;
    std::size_t words = 0;
    for (const Token& token : tokenize(sql, engine)) {
        const bool is_keyword = token.kind == Token::Kind::word &&
                                std::all_of(token.text.begin(), token.text.end(), [](char c) {
                                    return std::isupper(static_cast<unsigned char>(c)) != 0;
                                });
        if (token.is("BEGIN") || token.is("RETURNS") || token.is_symbol('(') ||
            ++words > most_words) {
            break;
        }
        const std::string word = is_keyword ? token.text : "…";
        const bool repeats = word == "…" && text.ends_with("…");
        text += repeats ? "" : (text.empty() ? "" : " ") + word;
    }
    return text.empty() ? "BEGIN" : text;
}

struct Felt {
    std::string statement;
    std::string lock;
    int tries = 1;
    LongestWaits waits;
};

/// Puts the holder before each kind of statement once, and times the others until it is through.
class Street final : public Listener {
public:
    Street(const Options& options, Holding holding)
        : seconds_(options.seconds)
        , engine_(options.subject.url.engine)
        , about_(options.subject.url, {})
        , holder_(options.subject.url, holding)
        , bystanders_(options.subject.url)
    {
    }

    void take(Plan plan)
    {
        plan_ = std::move(plan);
        action_ = nullptr;
    }

    void on(const Event& event) override
    {
        if (const auto* started = std::get_if<ActionStarted>(&event)) {
            begin(*started);
        } else if (std::holds_alternative<Retrying>(event) && is_measuring_) {
            ++felt_.back().tries;
        } else if (std::holds_alternative<ActionFinished>(event) ||
                   std::holds_alternative<ActionFailed>(event)) {
            end();
            action_ = nullptr;
        }
    }

    void before(std::string_view purpose, std::string_view sql)
    {
        const bool is_begin = engine_ == Engine::sqlite && sql == "BEGIN IMMEDIATE";
        if (action_ == nullptr || purpose == "watch" || purpose == "heartbeat" ||
            !(steps_.count(std::string(sql)) > 0 || sql.starts_with("LOCK TABLES") || is_begin)) {
            return;
        }
        if (mode_ == Mode::standalone) {
            if (sql == current_) {
                return; // another try of the same
            }
            end();
        } else if (!current_.empty()) {
            return; // a later one of those that belong together
        }
        current_ = std::string(sql);
        const std::string text =
            is_begin ? "BEGIN IMMEDIATE, for: " + kind_of(first_, engine_) : kind_of(sql, engine_);
        if (kinds_.insert(text).second) {
            measure(text);
        }
    }

    [[nodiscard]] const std::vector<Felt>& felt() const { return felt_; }

private:
    void begin(const ActionStarted& started)
    {
        end();
        const Action& action = plan_.actions.at(static_cast<std::size_t>(started.ordinal) - 1);
        const auto* work = std::get_if<SchemaWork>(&action.work);
        if (started.direction == Direction::undo) {
            work = action.undo ? &*action.undo : nullptr;
        }
        action_ = work == nullptr ? nullptr : &action;
        mode_ = work == nullptr ? Mode::atomic : work->mode;
        current_.clear();
        steps_.clear();
        first_.clear();
        for (const Step& step : work == nullptr ? std::vector<Step>{} : work->steps) {
            first_ = first_.empty() ? step.sql : first_;
            steps_.insert(step.sql);
        }
    }

    void measure(const std::string& text)
    {
        const std::string lock = about_.dialect().lock_of(current_);
        const std::string table = hold_one();
        if (table.empty()) {
            return; // it makes the first table of its plan: nobody is there yet
        }
        felt_.push_back({.statement = text, .lock = lock.empty() ? action_->lock : lock});
        holder_.let_go();
        bystanders_.begin(table); // before the holder, whom SQLite's writers wait for in any case
        (void)hold_one();
        is_measuring_ = true;
    }

    /// A table of the statement's that is there, or one of the plan's; empty where there is none.
    std::string hold_one()
    {
        std::vector<TableName> tables = action_->tables;
        tables.insert(tables.end(), plan_.tables.begin(), plan_.tables.end());
        for (const TableName& table : tables) {
            if (holder_.hold(table.name, std::chrono::seconds(seconds_))) {
                return table.name;
            }
        }
        return {};
    }

    void end()
    {
        if (!is_measuring_) {
            return;
        }
        is_measuring_ = false;
        felt_.back().waits = bystanders_.end();
        holder_.let_go();
    }

    int seconds_;
    Engine engine_;
    Session about_;
    Holder holder_;
    Bystanders bystanders_;
    Plan plan_;
    const Action* action_ = nullptr;
    Mode mode_ = Mode::atomic;
    std::set<std::string> steps_; ///< of the action that is under way
    std::string first_;
    std::string current_;
    std::set<std::string> kinds_; ///< that have been measured
    std::vector<Felt> felt_;
    bool is_measuring_ = false;
};

/// Whatever the sample plans may have left of their tables.
void clear(const Url& url)
{
    Session session(url, {});
    forget_sluice(session);
    if (url.engine == Engine::mysql) {
        session.execute("SET SESSION foreign_key_checks = 0");
    } else if (url.engine == Engine::sqlite) {
        session.execute("PRAGMA foreign_keys = OFF");
    }
    const std::string cascade = url.engine == Engine::postgresql ? " CASCADE" : "";
    const Catalog catalog = read_catalog(session);
    for (const Table& table : catalog.tables) {
        const bool is_ours = table.kind == TableKind::plain && table.name.name != "users";
        if (is_ours) { // that one is the other scenarios'
            session.execute("DROP TABLE " + session.dialect().quote(table.name) + cascade);
        }
    }
    for (const VersionSchema& version : catalog.versions) {
        session.execute("DROP SCHEMA " + session.dialect().quote(version.name) + cascade);
    }
    for (const EnumType& type : catalog.enums) {
        session.execute("DROP TYPE " + session.dialect().quote(type.name));
    }
}

/// There, back, there, contracted, back, contracted, purged.
void live(const std::function<Runner()>& runner, const Migration& migration)
{
    const auto back = [&] {
        try {
            (void)runner().rollback(migration);
        } catch (const Error& error) {
            if (error.kind != ErrorKind::refused) {
                throw;
            }
        }
    };
    for (int n = 0; n < 2; ++n) {
        (void)runner().expand(migration);
        (void)runner().migrate(migration);
        if (n == 0) {
            back();
        }
    }
    (void)runner().contract(migration);
    back();
    (void)runner().contract(migration);
    (void)runner().purge(migration);
}

void live_through(const Options& options, const test::SamplePlan& sample, Street& street)
{
    const Url& url = options.subject.url;
    clear(url);
    Session(url, {}).execute_script(test::sample_schema(url.engine));
    SystemClock clock;
    const std::vector<Migration> migrations{test::migration_of(sample)};
    const Connect connect = [&](SessionOptions session) {
        session.before_statement = [&](std::string_view purpose, std::string_view sql) {
            street.before(purpose, sql);
        };
        return Session(url, std::move(session));
    };
    RunnerOptions settings{.actor = current_actor(), .lock_attempts = 60};
    const auto runner = [&] { return Runner(connect, clock, street, {}, migrations, settings); };
    try {
        street.take(runner().plan(migrations[0]));
    } catch (const Error& error) {
        fmt::print(stderr, "{}: {}\n", sample.name, error.message);
        return;
    }
    live(runner, migrations[0]);
}

void locks(const Options& options)
{
    fmt::print("{}, table held for {} s, lock_timeout {} ms: {}\n\n", options.subject.url.display(),
               options.seconds, RunnerOptions{}.lock_timeout.count(), environment());
    fmt::print(
        "| statement | lock | held by one who | tries | longest read ms | UPDATE ms | INSERT "
        "ms |\n|---|---|---|---|---|---|---|\n");
    for (const Holding holding : {Holding::read, Holding::wrote}) {
        Street street(options, holding);
        for (const test::SamplePlan& sample :
             test::sample_plans_for(name_of(options.subject.url.engine))) {
            live_through(options, sample, street);
        }
        // There is one writer on SQLite: it waits for the holder, with sluice and without.
        const bool has_writer =
            holding == Holding::read || options.subject.url.engine != Engine::sqlite;
        for (const Felt& felt : street.felt()) {
            const std::string writes =
                has_writer ? fmt::format("{:.0f} | {:.0f}", felt.waits.update, felt.waits.insert)
                           : "– | –";
            fmt::print("| `{}` | {} | {} | {} | {:.0f} | {} |\n", felt.statement, felt.lock,
                       holding == Holding::read ? "read" : "wrote", felt.tries, felt.waits.read,
                       writes);
        }
    }
    clear(options.subject.url);
}

} // namespace

std::vector<Scenario> lock_scenarios()
{
    return {
        {"locks", "how long others wait because of a schema change whose table is held", locks}};
}

} // namespace sluice::bench
