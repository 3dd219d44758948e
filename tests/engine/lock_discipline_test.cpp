// Every schema statement of the sample plans meets a table that somebody else's transaction holds:
// it gives up, and whoever came behind it gets through while that transaction still holds; what
// needs no such lock passes. SLUICE_TEST_LOCK_PLANS says how many of the plans (1 unless said),
// SLUICE_TEST_SEED repeats a choice.

#include "sluice/core/error.h"
#include "sluice/plan/planner.h"
#include "sluice/run/runner.h"
#include "support/backfill.h"
#include "support/faults.h"
#include "support/sample_plans.h"
#include "support/sample_schema.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <exception>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

using namespace sluice;

namespace {

enum class Holding { after_reading, after_writing };

/// Nobody waits between two tries; other threads than the runner's have the time that there is.
class PatientTestClock final : public Clock {
public:
    [[nodiscard]] SteadyTime steady_now() override { return real_.steady_now(); }

    [[nodiscard]] WallTime wall_now() override { return real_.wall_now(); }

    void sleep(Microseconds duration, const std::stop_token& stop) override
    {
        if (std::this_thread::get_id() != runner_) {
            real_.sleep(duration, stop);
        }
    }

private:
    SystemClock real_;
    std::thread::id runner_ = std::this_thread::get_id();
};

Session application(const test::TestDatabase& database)
{
    Session session = database.open({.purpose = "application"});
    session.execute(test::by_engine("SET lock_timeout = '30s'",
                                    "SET SESSION innodb_lock_wait_timeout = 30, SESSION "
                                    "lock_wait_timeout = 30",
                                    "PRAGMA busy_timeout = 30000"));
    return session;
}

/// One who holds tables with an open transaction, and one who passes by.
class Neighbours {
public:
    Neighbours(const test::TestDatabase& database, Holding holding)
        : holding_(holding), holder_(application(database)), bystander_(application(database))
    {
    }

    void hold(const std::vector<TableName>& tables)
    {
        const Catalog catalog = read_catalog(bystander_, tables);
        held_.clear();
        for (const Table& table : catalog.tables) {
            held_.push_back(holder_.dialect().quote(table.name));
        }
        if (held_.empty()) {
            return; // there is none of them yet, or no longer
        }
        holder_.execute("BEGIN"); // on SQLite one that only reads shall not be a writer
        for (const std::string& table : held_) {
            holder_.execute(holding_ == Holding::after_reading
                                ? "SELECT * FROM " + table + " WHERE id = 1"
                                : "UPDATE " + table + " SET id = id WHERE id = 1");
        }
    }

    [[nodiscard]] bool holds() const { return !held_.empty(); }

    /// Throws where somebody is in the bystander's way, or the holder no longer holds.
    void pass_and_let_go()
    {
        for (const std::string& table : held_) {
            bystander_.execute("SELECT * FROM " + table + " WHERE id = 2");
            // Two writers do not get by each other on SQLite, with sluice or without.
            if (test::engine() != Engine::sqlite || holding_ == Holding::after_reading) {
                bystander_.execute("UPDATE " + table + " SET id = id WHERE id = 2");
            }
        }
        (void)holder_.query("SELECT 1"); // it is still there
        holder_.execute("ROLLBACK");
        held_.clear();
    }

private:
    Holding holding_;
    Session holder_;
    Session bystander_;
    std::vector<std::string> held_;
};

/// Puts the holder in the way of each schema statement once, and sends the bystander behind it.
class Street final : public Listener {
public:
    Street(const test::TestDatabase& database, Plan plan, Holding holding)
        : database_(database), plan_(std::move(plan)), neighbours_(database, holding)
    {
    }

    void on(const Event& event) override
    {
        if (const auto* started = std::get_if<ActionStarted>(&event)) {
            begin(*started);
        } else if (std::holds_alternative<Retrying>(event)) {
            gave_up += neighbours_.holds() ? 1 : 0;
            clear();
        } else if (std::holds_alternative<ActionFinished>(event) ||
                   std::holds_alternative<ActionFailed>(event)) {
            clear();
            action_ = nullptr;
        }
    }

    /// A statement of the runner's own session is about to be sent.
    void before(std::string_view purpose, std::string_view sql)
    {
        if (action_ == nullptr || purpose == "watch" || purpose == "heartbeat" ||
            !is_awaited(sql)) {
            return;
        }
        if (mode_ == Mode::standalone) {
            clear();
        } else if (!met_.empty()) {
            return; // in the middle of what belongs together somebody's locks are ours
        }
        if (met_.insert(std::string(sql)).second) {
            neighbours_.hold(action_->tables);
            ++blocked;
            if (dialect_.is_patient(sql) && neighbours_.holds()) {
                help_patient_one();
            }
        }
    }

    int blocked = 0; ///< statements that met somebody
    int gave_up = 0; ///< and did not get the lock

private:
    void begin(const ActionStarted& started)
    {
        const Action& action = plan_.actions.at(static_cast<std::size_t>(started.ordinal) - 1);
        const auto* work = std::get_if<SchemaWork>(&action.work);
        if (started.direction == Direction::undo) {
            work = action.undo ? &*action.undo : nullptr;
        }
        action_ = work == nullptr ? nullptr : &action;
        mode_ = work == nullptr ? Mode::atomic : work->mode;
        met_.clear();
        statements_.clear();
        for (const Step& step : work == nullptr ? std::vector<Step>{} : work->steps) {
            statements_.insert(step.sql);
        }
    }

    /// SQLite's lock is taken before the first statement, MySQL's may be.
    [[nodiscard]] bool is_awaited(std::string_view sql) const
    {
        return statements_.count(std::string(sql)) > 0 || sql.starts_with("LOCK TABLES") ||
               sql == "BEGIN IMMEDIATE";
    }

    /// What may wait for ever does so until somebody lets go; whoever passes by must not mind.
    void help_patient_one()
    {
        helper_ = std::jthread([this](const std::stop_token& over) {
            try {
                Session looker = database_.open();
                while (!over.stop_requested()) {
                    if (looker.query(test::waiting_sessions)[0][0] != "0") {
                        neighbours_.pass_and_let_go();
                        return;
                    }
                }
            } catch (...) {
                failure_ = std::current_exception(); // for clear()
            }
        });
    }

    void clear()
    {
        if (helper_.joinable()) {
            helper_.request_stop();
            helper_.join();
        }
        if (failure_) {
            std::rethrow_exception(failure_);
        }
        if (neighbours_.holds()) {
            neighbours_.pass_and_let_go();
        }
    }

    const test::TestDatabase& database_;
    Plan plan_;
    Neighbours neighbours_;
    Session about_ = database_.open();
    const Dialect& dialect_ = about_.dialect();
    const Action* action_ = nullptr;
    Mode mode_ = Mode::atomic;
    std::set<std::string> statements_; ///< of the action that is under way
    std::set<std::string> met_;
    std::jthread helper_;
    std::exception_ptr failure_;
};

/// A sample plan's whole life, each command on the street.
class Lived {
public:
    Lived(const test::SamplePlan& sample, Holding holding) : migrations_{test::migration_of(sample)}
    {
        options_.actor = current_actor();
        options_.lock_timeout =
            test::engine() == Engine::mysql ? Milliseconds{0} : Milliseconds{20};
        options_.pace = {.duty = 1.0, .sleep = Milliseconds{0}};
        database_.run(test::sample_schema(test::engine()));
        test::Recorder nobody;
        street_.emplace(database_, runner(nobody).plan(migrations_[0]), holding);
    }

    void live()
    {
        const Migration& migration = migrations_[0];
        there(migration);
        back(migration);
        there(migration);
        CHECK(runner(*street_).contract(migration) == RunEnd::done);
        back(migration);
        CHECK(runner(*street_).contract(migration) == RunEnd::done);
        CHECK(runner(*street_).purge(migration) == RunEnd::done);
    }

    [[nodiscard]] const Street& street() const { return *street_; }

private:
    void there(const Migration& migration)
    {
        CHECK(runner(*street_).expand(migration) == RunEnd::done);
        CHECK(runner(*street_).migrate(migration) == RunEnd::done);
    }

    void back(const Migration& migration)
    {
        try {
            CHECK(runner(*street_).rollback(migration) == RunEnd::done);
        } catch (const Error& error) {
            CHECK(error.kind == ErrorKind::refused); // a plan with something that has no undo
        }
    }

    Runner runner(Listener& listener)
    {
        const Connect connect = [this](SessionOptions options) {
            options.before_statement = [this](std::string_view purpose, std::string_view sql) {
                if (street_) {
                    street_->before(purpose, sql);
                }
            };
            return database_.open(std::move(options));
        };
        return {connect, clock_, listener, {}, migrations_, options_};
    }

    test::TestDatabase database_;
    PatientTestClock clock_;
    std::vector<Migration> migrations_;
    RunnerOptions options_;
    std::optional<Street> street_;
};

bool is_refused_here(const test::SamplePlan& sample)
{
    const test::TestDatabase database;
    database.run(test::sample_schema(test::engine()));
    Session session = database.open();
    try {
        (void)make_plan(test::migration_of(sample), read_catalog(session), session.dialect());
        return false;
    } catch (const Error& error) {
        return error.kind == ErrorKind::refused;
    }
}

/// Those that can be taken back at every turn, and whose tables keep their names: a transaction
/// that holds one holds it to the end.
std::vector<test::SamplePlan> plans_to_meet()
{
    const std::set<std::string> kinds{"add_column", "set_not_null", "drop_not_null",
                                      "add_index",  "drop_index",   "add_foreign_key"};
    std::vector<test::SamplePlan> plans = test::sample_plans();
    std::erase_if(
        plans, [&kinds](const test::SamplePlan& sample) { return kinds.count(sample.kind) == 0; });
    return plans;
}

} // namespace

TEST_CASE("whoever comes behind a schema change gets through while the table is still held")
{
    test::Draw draw("SLUICE_TEST_LOCK_PLANS", 1);
    const std::vector<test::SamplePlan> plans = plans_to_meet();
    const std::size_t first = static_cast<std::size_t>(draw.below(static_cast<int>(plans.size())));
    const std::size_t most = std::min(plans.size(), static_cast<std::size_t>(draw.wanted()));
    int blocked = 0;
    int gave_up = 0;
    for (std::size_t n = 0; n < most; ++n) {
        const test::SamplePlan& sample = plans[(first + n) % plans.size()];
        CAPTURE(sample.name);
        if (is_refused_here(sample)) {
            continue;
        }
        for (const Holding holding : {Holding::after_reading, Holding::after_writing}) {
            CAPTURE(holding == Holding::after_writing);
            Lived lived(sample, holding);
            lived.live();
            blocked += lived.street().blocked;
            gave_up += lived.street().gave_up;
        }
    }
    MESSAGE(blocked, " statements met a held table, ", gave_up, " times they gave up, ",
            draw.told());
}

TEST_CASE("a rename meets held tables at every turn, and whoever comes behind it gets through")
{
    const auto& plans = test::sample_plans();
    const auto rename =
        std::find_if(plans.begin(), plans.end(),
                     [](const test::SamplePlan& sample) { return sample.name == "rename_column"; });
    REQUIRE(rename != plans.end());
    Lived lived(*rename, Holding::after_writing);
    lived.live();
    CHECK(lived.street().blocked >= 10);
    CHECK(lived.street().gave_up >= 5);
}
