#include "sluice/run/workplace.h"

#include "sluice/core/error.h"
#include "sluice/db/lock_holders.h"
#include "sluice/db/transaction.h"
#include "sluice/state/schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <utility>

namespace sluice {

namespace {

/// `least`: in which what queued behind the last try is served.
Milliseconds pause_before(int attempt, Milliseconds least)
{
    constexpr Milliseconds shortest{50};
    constexpr Milliseconds longest{5000};
    constexpr int doublings = 7;
    const Milliseconds growing = std::min(longest, shortest * (1 << std::min(attempt, doublings)));
    const Milliseconds full = std::max(growing, 2 * least);
    // Two that got in each other's way must not meet again.
    static thread_local std::minstd_rand random{std::random_device{}()};
    return Milliseconds(
        std::uniform_int_distribution<Milliseconds::rep>(full.count() / 2, full.count())(random));
}

/// Without its session a command ends; it goes on from the same place when it is run again.
bool passes_by_itself(const Error& error)
{
    return error.details.cause != Cause::connection_lost && is_retryable(error.details.cause);
}

/// The transactions of a database that is one file become durable in their order, and every change
/// commits together with its record: a power failure loses the newest of both, and the next run
/// makes them again. Waiting for the disk at each would take longer than the work.
bool may_be_relaxed(const Capabilities& capabilities)
{
    return capabilities.transactional_ddl && capabilities.one_writer;
}

SessionOptions options_for(const Surroundings& surroundings, const std::string& verb)
{
    return {.purpose = verb, .lock_timeout = surroundings.options.lock_timeout};
}

Session open_session(const Surroundings& surroundings, const std::string& verb)
{
    SessionOptions options = options_for(surroundings, verb);
    Session session = surroundings.connect(options);
    if (!may_be_relaxed(session.dialect().capabilities())) {
        return session;
    }
    options.durability = Durability::relaxed;
    return surroundings.connect(options);
}

/// Before a statement that is looked at has given up on its lock, but not so soon that each of a
/// busy table's would be.
Milliseconds first_look(const RunnerOptions& options)
{
    constexpr Milliseconds soonest{100};
    return std::max(soonest, options.lock_timeout / 2);
}

Error given_up(Error error, const RunnerOptions& options)
{
    if (error.details.cause == Cause::lock_timeout) {
        error.details.hint = fmt::format(
            "The lock was asked for {} times, {} ms each. End the transaction that holds it, or "
            "wait for it; everything that was finished is kept: run the same command again.",
            options.lock_attempts, options.lock_timeout.count());
    }
    return error;
}

} // namespace

Workplace::Workplace(const Surroundings& surroundings, std::string verb)
    : surroundings_(surroundings)
    , verb_(std::move(verb))
    , session_(open_session(surroundings_, verb_))
    , watch_(session_, {.connect = surroundings_.connect,
                        .clock = surroundings_.clock,
                        .listener = surroundings_.listener,
                        .stop = surroundings_.stop,
                        .first_look = first_look(surroundings_.options)})
{
    // A table that somebody has locked, or SQLite's one writer, may stand in the way already here.
    with_retries("taking the lease", [&] {
        ensure_state(session_);
        if (!lease_session_ && may_be_relaxed(session_.dialect().capabilities())) {
            // Giving the lease back on it makes everything durable that came before.
            lease_session_ = surroundings_.connect(options_for(surroundings_, verb_));
        }
        lease_.emplace(lease_session_ ? *lease_session_ : session_, surroundings_.connect,
                       surroundings_.clock, Lease::Request{surroundings_.options.actor, verb_});
    });
}

void Workplace::check_stop() const
{
    if (surroundings_.stop.stop_requested()) {
        throw Error(ErrorKind::interrupted, "interrupted",
                    {.hint = "Everything that was finished is kept; run the same command again to "
                             "go on."});
    }
}

void Workplace::transact(const std::function<void()>& work)
{
    Transaction transaction(session_);
    lease_->confirm(session_);
    work();
    // Once more: what took long must not leave a lease behind that has already expired.
    lease_->confirm(session_);
    transaction.commit();
}

void Workplace::transact_at_length(const std::function<void()>& work)
{
    confirm();
    Transaction transaction(session_);
    work();
    lease_->confirm(session_);
    transaction.commit();
}

void Workplace::confirm()
{
    lease_->confirm(session_);
}

void Workplace::with_retries(const std::string& what, const std::function<void()>& work,
                             const std::vector<TableName>& tables)
{
    for (int attempt = 1;; ++attempt) {
        try {
            return work();
        } catch (const Error& failure) {
            if (!passes_by_itself(failure)) {
                throw;
            }
            const Error error = explained(failure, tables);
            if (attempt >= surroundings_.options.lock_attempts) {
                throw given_up(error, surroundings_.options);
            }
            // Where there is one writer nobody queues: each asks again by itself.
            const bool has_queue = failure.details.cause == Cause::lock_timeout &&
                                   !session_.dialect().capabilities().one_writer;
            const Milliseconds pause = pause_before(
                attempt, has_queue ? surroundings_.options.lock_timeout : Milliseconds{0});
            tell(Retrying{what, attempt, pause, error.message});
            surroundings_.clock.sleep(pause, surroundings_.stop);
            check_stop();
        }
    }
}

/// Who was seen in the way while the statement waited is known better than who holds the tables
/// afterwards.
Error Workplace::explained(const Error& failure, const std::vector<TableName>& tables)
{
    const std::string seen = watch_.take_blocker();
    if (failure.details.cause != Cause::lock_timeout || seen.empty()) {
        return naming_lock_holders(failure, session_, tables);
    }
    return {failure.kind, failure.message + "; " + seen, failure.details};
}

void Workplace::transition(MigrationRecord& record, const std::vector<State>& path,
                           const std::function<void()>& first)
{
    if (path.empty()) {
        return; // an earlier try came this far
    }
    with_retries("recording the state", [&] {
        transact([&] {
            if (first) {
                first();
            }
            State from = record.state;
            for (const State to : path) {
                history().transition(record.version, from, to);
                append_ledger(session_, surroundings_.options.actor,
                              {.verb = verb_,
                               .object = "migration " + record.version,
                               .from = std::string(name_of(from)),
                               .to = std::string(name_of(to)),
                               .reason = surroundings_.options.reason});
                from = to;
            }
        });
    });
    for (const State to : path) {
        const State from = std::exchange(record.state, to);
        tell(StateChanged{record.version, record.name, std::string(name_of(from)),
                          std::string(name_of(to))});
    }
}

void Workplace::refresh()
{
    try {
        session_.execute("SELECT 1");
    } catch (const Error&) {
        session_ = open_session(surroundings_, verb_);
        if (!lease_session_) {
            lease_->work_on(session_);
        }
    }
}

const Catalog& Workplace::catalog()
{
    if (!catalog_) {
        with_retries("reading the schema", [&] { catalog_ = read_catalog(session_); });
    }
    return *catalog_;
}

void Workplace::update_catalog(const std::vector<TableName>& touched, const Catalog& fresh)
{
    const bool is_gone = std::any_of(touched.begin(), touched.end(), [&](const TableName& name) {
        return fresh.find(name) == nullptr;
    });
    // What renames, or names no table at all, may have made what nobody can name.
    if (!catalog_ || touched.empty() || is_gone) {
        catalog_.reset();
        return;
    }
    std::vector<Table>& tables = catalog_->tables;
    for (const TableName& name : touched) {
        if (const Table* old = catalog_->find(name); old != nullptr) {
            tables.erase(tables.begin() + (old - tables.data()));
        }
        const Table& found = *fresh.find(name);
        const auto place =
            std::lower_bound(tables.begin(), tables.end(), found,
                             [](const Table& a, const Table& b) { return a.name < b.name; });
        tables.insert(place, found);
    }
}

} // namespace sluice
