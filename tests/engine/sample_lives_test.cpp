// Every sample plan of the engine, so every kind of change, through its whole life on a real
// server; and with a process that dies between two actions, after which another one goes on to the
// same end, or goes all the way back. By default a few plans, with one death each, at random;
// SLUICE_TEST_LONG=1 takes every plan, and every place where an action begins or ends.

#include "sluice/core/clock.h"
#include "sluice/core/error.h"
#include "sluice/db/catalog.h"
#include "sluice/run/runner.h"
#include "support/database.h"
#include "support/life.h"
#include "support/sample_plans.h"
#include "support/sample_schema.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <vector>

using namespace sluice;
using test::SamplePlan;

namespace {

/// Not an Error: nothing that handles the database's refusals may take it for one.
struct Killed : std::exception {
    [[nodiscard]] const char* what() const noexcept override { return "killed"; }
};

/// Dies when so many actions have begun or ended: no statement of its goes to the server after.
class Process final : public Listener {
public:
    explicit Process(int dies_at) : dies_at_(dies_at) {}

    void on(const Event& event) override
    {
        const std::lock_guard lock(mutex_);
        const bool is_boundary = std::holds_alternative<ActionStarted>(event) ||
                                 std::holds_alternative<ActionFinished>(event);
        heard_ += is_boundary ? 1 : 0;
    }

    void before_statement()
    {
        if (has_died()) {
            throw Killed();
        }
    }

    [[nodiscard]] bool has_died() { return boundaries() >= dies_at_; }

    [[nodiscard]] int boundaries()
    {
        const std::lock_guard lock(mutex_);
        return heard_;
    }

private:
    int dies_at_;
    int heard_ = 0;
    std::mutex mutex_;
};

constexpr int never = 1'000'000;

/// What there is, for comparing.
struct Outcome {
    State state = State::pending;
    std::vector<Table> tables;
    std::vector<std::string> rows;
};

class Stage {
public:
    explicit Stage(const SamplePlan& sample) : migrations_{test::migration_of(sample)}
    {
        database_.run(test::sample_schema(test::engine()));
        // A process that is gone from this machine is not waited for.
        options_.actor = current_actor();
        options_.actor.pid = 4'190'000;
        REQUIRE(is_gone(options_.actor));
        options_.pace.sleep = std::chrono::milliseconds{0};
        options_.pace.duty = 1;
    }

    [[nodiscard]] Runner runner(Process& process)
    {
        const Connect connect = [this, &process](SessionOptions session) {
            session.before_statement = [&process](std::string_view, std::string_view) {
                process.before_statement();
            };
            return database_.open(std::move(session));
        };
        return {connect, clock_, process, std::stop_token{}, migrations_, options_};
    }

    [[nodiscard]] const Migration& migration() const { return migrations_.front(); }

    [[nodiscard]] State state() const
    {
        Session session = database_.open();
        return read_status(session, migrations_).at(0).state;
    }

    [[nodiscard]] Outcome outcome() const
    {
        Session session = database_.open();
        Outcome outcome{.state = state(), .tables = read_catalog(session).tables, .rows = {}};
        for (const Table& table : outcome.tables) {
            outcome.rows.push_back(rows_of(session, table));
        }
        return outcome;
    }

private:
    /// In the order of their values; the time of the last change is another one each time.
    static std::string rows_of(Session& session, const Table& table)
    {
        std::set<std::string> columns;
        for (const Column& column : table.columns) {
            columns.insert(session.dialect().quote(column.name));
        }
        columns.erase(session.dialect().quote("updated_at"));
        std::string list;
        for (const std::string& column : columns) {
            list += (list.empty() ? "" : ", ") + column;
        }
        std::multiset<std::string> lines;
        for (const Row& row :
             session.query("SELECT " + list + " FROM " + session.dialect().quote(table.name))
                 .rows) {
            std::string line;
            for (const Value& value : row) {
                line += value.value_or("NULL") + "|";
            }
            lines.insert(line);
        }
        std::string text = display(table.name) + " (" + list + ")\n";
        for (const std::string& line : lines) {
            text += line + "\n";
        }
        return text;
    }

    test::TestDatabase database_;
    SystemClock clock_;
    std::vector<Migration> migrations_;
    RunnerOptions options_;
};

void check_same(const Outcome& expected, const Outcome& found)
{
    CHECK(name_of(found.state) == name_of(expected.state));
    CHECK(found.rows == expected.rows);
    test::check_same_tables(expected.tables, found.tables);
}

using Life = void (*)(Stage&, Process&);

void live_to_the_end(Stage& stage, Process& process)
{
    (void)stage.runner(process).expand(stage.migration());
    (void)stage.runner(process).migrate(stage.migration());
    (void)stage.runner(process).contract(stage.migration());
    (void)stage.runner(process).purge(stage.migration());
}

void live_there_and_back(Stage& stage, Process& process)
{
    (void)stage.runner(process).expand(stage.migration());
    (void)stage.runner(process).migrate(stage.migration());
    (void)stage.runner(process).contract(stage.migration());
    (void)stage.runner(process).rollback(stage.migration());
    (void)stage.runner(process).rollback(stage.migration());
}

void go_back_to_the_start(Stage& stage, Process& process)
{
    for (int n = 1; n <= 2 && stage.state() != State::pending; ++n) {
        (void)stage.runner(process).rollback(stage.migration());
    }
}

/// What says of itself that it cannot be undone.
bool goes_back(const SamplePlan& sample)
{
    return sample.kind != "purge_rows" && sample.kind != "backfill" && sample.kind != "sql";
}

std::vector<SamplePlan> plans()
{
    return test::sample_plans_for(test::by_engine("postgresql", "mysql", "sqlite"));
}

bool is_long()
{
    return std::getenv("SLUICE_TEST_LONG") != nullptr;
}

/// All of them, or every eighth.
std::vector<SamplePlan> chosen_plans()
{
    constexpr std::size_t stride = 8;
    const std::size_t first = std::random_device{}() % stride;
    std::vector<SamplePlan> some = plans();
    for (std::size_t n = some.size(); n-- > 0 && !is_long();) {
        if (n % stride != first) {
            some.erase(some.begin() + static_cast<std::ptrdiff_t>(n));
        }
    }
    return some;
}

void die_within(Stage& stage, Life life, int boundary)
{
    Process process(boundary);
    try {
        life(stage, process);
    } catch (const Killed&) {
        return;
    } catch (const Error&) {
        // What a dead process goes on to say, of a session that it gave up, nobody hears.
        if (!process.has_died()) {
            throw;
        }
    }
}

int boundaries_of(const SamplePlan& sample, Life life)
{
    Stage stage(sample);
    Process process(never);
    life(stage, process);
    return process.boundaries();
}

std::vector<int> chosen(int boundaries)
{
    if (!is_long()) {
        return {1 + static_cast<int>(std::random_device{}() % static_cast<unsigned>(boundaries))};
    }
    std::vector<int> all;
    for (int n = 1; n <= boundaries; ++n) {
        all.push_back(n);
    }
    return all;
}

/// Dies at a boundary of `life`, then `after` is another process's.
void with_deaths(const SamplePlan& sample, Life life, Life after, const Outcome& expected)
{
    for (const int boundary : chosen(boundaries_of(sample, life))) {
        CAPTURE(boundary);
        Stage stage(sample);
        die_within(stage, life, boundary);
        Process next(never);
        after(stage, next);
        check_same(expected, stage.outcome());
    }
}

} // namespace

TEST_CASE("every sample plan goes there and back, and there, and the catalog is the same each time")
{
    for (const SamplePlan& sample : plans()) {
        if (!goes_back(sample)) {
            continue;
        }
        CAPTURE(sample.name);
        Stage stage(sample);
        Process process(never);
        Runner runner = stage.runner(process);
        const Outcome before = stage.outcome();
        (void)runner.expand(stage.migration());
        (void)runner.rollback(stage.migration());
        check_same(before, stage.outcome());
        (void)runner.expand(stage.migration());
        (void)runner.migrate(stage.migration());
        const Outcome migrated = stage.outcome();
        (void)runner.contract(stage.migration());
        const Outcome contracted = stage.outcome();
        (void)runner.rollback(stage.migration());
        check_same(migrated, stage.outcome());
        (void)runner.contract(stage.migration());
        check_same(contracted, stage.outcome());
        (void)runner.purge(stage.migration());
        CHECK(name_of(stage.state()) == name_of(State::purged));
        test::check_nothing_left(stage.outcome().tables);
    }
}

TEST_CASE("a process that dies between two actions of any kind is followed by one that goes on")
{
    for (const SamplePlan& sample : chosen_plans()) {
        CAPTURE(sample.name);
        Stage undisturbed(sample);
        Process process(never);
        live_to_the_end(undisturbed, process);
        with_deaths(sample, live_to_the_end, live_to_the_end, undisturbed.outcome());
    }
}

TEST_CASE("a process that dies between two actions of any kind is followed by one that goes back")
{
    for (const SamplePlan& sample : chosen_plans()) {
        if (goes_back(sample)) {
            CAPTURE(sample.name);
            const Stage untouched(sample);
            with_deaths(sample, live_there_and_back, go_back_to_the_start, untouched.outcome());
        }
    }
}
