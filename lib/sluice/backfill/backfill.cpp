#include "sluice/backfill/backfill.h"

#include "sluice/backfill/crew.h"
#include "sluice/backfill/cuts.h"
#include "sluice/backfill/keyset.h"
#include "sluice/core/counted.h"
#include "sluice/core/error.h"
#include "sluice/db/server_identity.h"
#include "sluice/db/transaction.h"
#include "sluice/state/bad_rows.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice {

namespace {

constexpr std::chrono::minutes check_lease{5}; ///< renewed after each chunk
constexpr std::chrono::milliseconds check_wait{100};

bool shares_one(const std::vector<std::string>& a, const std::vector<std::string>& b)
{
    return std::any_of(a.begin(), a.end(), [&b](const std::string& key) {
        return std::find(b.begin(), b.end(), key) != b.end();
    });
}

std::string in_need(std::int64_t rows, const TableName& table)
{
    return fmt::format("{} of table \"{}\" still {} work", counted(rows, "row"), display(table),
                       rows == 1 ? "needs" : "need");
}

Error never_done(const BackfillWork& work, const Remaining& remaining)
{
    std::string keys;
    for (std::size_t n = 0; n < std::min<std::size_t>(remaining.examples.size(), 5); ++n) {
        keys += (n == 0 ? "" : ", ") + remaining.examples[n];
    }
    return {ErrorKind::definition,
            fmt::format("{} after they were worked on, among them {}",
                        in_need(remaining.rows, work.table), keys),
            {.hint = "The work must make its own condition false: look at one of these rows, and "
                     "correct `set` or `where`."}};
}

/// Of ranges that nobody can claim any more.
bool are_closed(const std::vector<RangeRecord>& ranges)
{
    return std::all_of(ranges.begin(), ranges.end(),
                       [](const RangeRecord& range) { return range.state == RangeState::done; });
}

/// What becomes of the final check of a pass.
enum class Check { ours, of_another, pass_goes_on };

/// Pass after pass until nothing is left.
class Passes {
public:
    explicit Passes(const CrewSetting& setting)
        : crew_(setting)
        , listener_(setting.listener)
        , work_(setting.work)
        , options_(setting.options)
    {
    }

    BackfillEnd run();

    void give_up(const Error& error) noexcept { crew_.watch().give_up(error); }

private:
    void check_plan();
    void open_pass();
    void begin_next_pass();
    [[nodiscard]] Check take_check();
    [[nodiscard]] Remaining final_check(const Remaining& before);
    void note_done();

    [[nodiscard]] WorkerConnections& connections() { return crew_.connections(); }

    [[nodiscard]] Watch& watch() { return crew_.watch(); }

    [[nodiscard]] Attempts& attempts() { return crew_.attempts(); }

    Crew crew_;
    Listener& listener_;
    const BackfillWork& work_;
    const BackfillOptions& options_;
};

/// On the connection of the batches, whose planner is set up so that the plan stays what it is.
void Passes::check_plan()
{
    Session& session = connections().batches();
    const Catalog catalog = read_catalog(session, {work_.table});
    const Table* table = catalog.find(work_.table);
    if (table == nullptr) {
        throw Error(ErrorKind::definition,
                    fmt::format("there is no table \"{}\"", display(work_.table)));
    }
    check_boundary_plan(session, *table, work_.key);
}

/// The upper bound is read after every trigger was committed, in a statement of its own. Of several
/// workers that find the pass unopened only one opens it.
void Passes::open_pass()
{
    Session& session = connections().control();
    const Dialect& dialect = session.dialect();
    const RunRecord& run = watch().run();
    const auto last =
        read_key(session.query(last_key_query(dialect, work_.table, work_.key)), work_.key);
    const std::int64_t estimate =
        run.pass > 0
            ? run.estimated_rows
            : std::stoll(session.query(dialect.estimate_rows(work_.table))[0][0].value_or("0"));
    const std::vector<std::string> cuts =
        last ? cut_into_ranges(session, work_, *last, estimate, run.pace)
             : std::vector<std::string>{};
    Transaction transaction(session);
    Sql sql = dialect.sql();
    sql << "UPDATE " << dialect.state_table("run") << " SET pass = ";
    sql.bind(static_cast<long long>(run.pass) + 1) << ", estimated_rows = ";
    sql.bind(static_cast<long long>(estimate)) << " WHERE id = ";
    sql.bind(static_cast<long long>(run.id)) << " AND pass = ";
    sql.bind(static_cast<long long>(run.pass));
    if (session.execute(sql.take()) == 1) {
        Ranges(session).open_pass(run.id, run.pass + 1, cuts, last ? encode_key(*last) : "");
    }
    transaction.commit();
}

/// Not the one after a pass that another worker, or an attempt whose reply was lost, has opened
/// meanwhile: its rows would be worked on twice.
void Passes::begin_next_pass()
{
    crew_.milestones().clear();
    const int from = watch().run().pass;
    attempts().run("begin a pass", [this, from] {
        watch().look();
        if (watch().run().pass != from) {
            return;
        }
        if (from == 0) {
            check_plan();
        }
        open_pass();
        watch().look();
    });
}

/// One process makes the check while the others wait, in case it does not come back.
Check Passes::take_check()
{
    watch().hold(check_ordinal, new_token());
    const int pass = watch().run().pass;
    const bool taken = attempts().run("take the final check", [this] {
        Ranges ranges(connections().control());
        (void)ranges.claim(watch().run().id, check_ordinal, options_.actor, watch().held().token,
                           check_lease);
        watch().look();
        return watch().is_held();
    });
    const bool is_over = attempts().run("look at the pass", [this] {
        return are_closed(Ranges(connections().control()).all(watch().run().id));
    });
    if (watch().run().state != RunState::done && (!is_over || watch().run().pass != pass)) {
        watch().release();
        return Check::pass_goes_on;
    }
    return taken ? Check::ours : Check::of_another;
}

/// Not on the connection of the batches, whose planner is bound to the key. A sweep that leaves the
/// same rows as before would be repeated for ever.
Remaining Passes::final_check(const Remaining& before)
{
    Remaining now = attempts().run("final check", [this] {
        Session& session = connections().control();
        const auto renew = [this, &session] {
            (void)Ranges(session).renew(watch().held(), check_lease);
        };
        return count_remaining(
            session, work_, crew_.stop(),
            {.milestones = crew_.milestones().over(Ranges(session).all(watch().run().id)),
             .set_aside = BadRows(session).set_aside(watch().run().id),
             .after_chunk = renew});
    });
    if (before.rows > 0 && now.rows >= before.rows && shares_one(before.examples, now.examples)) {
        throw never_done(work_, now);
    }
    if (now.rows > 0) {
        listener_.on(Note{in_need(now.rows, work_.table) + ": another pass"});
    }
    return now;
}

void Passes::note_done()
{
    attempts().run("note the end", [this] { watch().observe(RunState::done); });
}

BackfillEnd Passes::run()
{
    watch().look_until_seen();
    if (watch().run().state == RunState::done) {
        return BackfillEnd::done;
    }
    if (watch().obey() == Wish::cancel) {
        return BackfillEnd::cancelled;
    }
    if (watch().run().pass == 0) {
        begin_next_pass();
    }
    for (Remaining before;;) {
        if (crew_.work_pass() == Wish::cancel) {
            return BackfillEnd::cancelled;
        }
        const Check check = take_check();
        if (watch().run().state == RunState::done) {
            return BackfillEnd::done; // by another process, while this one waited
        }
        if (check != Check::ours) {
            attempts().sleep(check == Check::of_another ? check_wait : Microseconds{0});
            continue;
        }
        Remaining now = work_.once ? Remaining{} : final_check(before);
        if (now.rows == 0) {
            note_done();
            return BackfillEnd::done;
        }
        before = std::move(now);
        begin_next_pass();
    }
}

} // namespace

BackfillEnd run_backfill(const Connect& connect, Clock& clock, Listener& listener,
                         const std::stop_token& stop, std::int64_t run, const BackfillWork& work,
                         const BackfillOptions& options)
{
    const Connect to_this_database = to_one_database(connect);
    Passes passes({to_this_database, clock, listener, stop, run, work, options});
    try {
        return passes.run();
    } catch (const Error& error) {
        passes.give_up(error);
        if (error.kind == ErrorKind::interrupted) {
            return BackfillEnd::interrupted;
        }
        throw;
    }
}

} // namespace sluice
