#include "sluice/backfill/vacuuming.h"

#include "sluice/core/error.h"
#include "sluice/db/dead_rows.h"
#include "sluice/state/ledger.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <utility>

namespace sluice {

namespace {

constexpr std::chrono::seconds after_success{3}; ///< the signals have seen it by then
constexpr std::chrono::seconds look_again{2};
constexpr std::chrono::seconds after_failure{60};

void record(Session& session, const Vacuuming::Subject& subject, const DeadRows& before,
            const DeadRows& after, Microseconds took)
{
    const nlohmann::ordered_json evidence{{"table", display(subject.table)},
                                          {"seconds", std::chrono::duration<double>(took).count()}};
    append_ledger(session, current_actor(),
                  {.verb = "vacuum",
                   .object = fmt::format("run {}", subject.run),
                   .from = fmt::format("{} dead", before.dead),
                   .to = fmt::format("{} dead", after.dead),
                   .reason = subject.reason,
                   .evidence = evidence.dump()});
}

void record_end(Session& session, const Vacuuming::Subject& subject, const std::string& end)
{
    append_ledger(session, current_actor(),
                  {.verb = "vacuum",
                   .object = fmt::format("run {}", subject.run),
                   .to = end,
                   .reason = subject.reason});
}

std::string only_for_owner(const std::string& name, const DeadRows& rows)
{
    return fmt::format(
        "{} is only for the table's owner \"{}\", the database's owner and superusers", name,
        rows.owner);
}

} // namespace

Vacuuming::~Vacuuming()
{
    while (is_under_way()) {
        give_up();
        clock_.sleep(Milliseconds{5}, {});
    }
}

bool Vacuuming::is_under_way() const
{
    const std::lock_guard lock(mutex_);
    return !has_ended_;
}

std::string Vacuuming::text() const
{
    const std::lock_guard lock(mutex_);
    return text_;
}

void Vacuuming::say(std::string text)
{
    const std::lock_guard lock(mutex_);
    text_ = std::move(text);
}

void Vacuuming::rest(std::chrono::seconds duration, std::string text)
{
    const std::lock_guard lock(mutex_);
    text_ = std::move(text);
    not_before_ = clock_.steady_now() + duration;
}

void Vacuuming::attend(const Subject& subject)
{
    const std::lock_guard lock(mutex_);
    if (!has_ended_ || clock_.steady_now() < not_before_) {
        return;
    }
    has_ended_ = false;
    thread_ = std::jthread([this, subject](const std::stop_token& stop) { work(stop, subject); });
}

void Vacuuming::give_up() noexcept
{
    const std::lock_guard lock(mutex_);
    if (has_ended_) {
        text_.clear();
        return;
    }
    thread_.request_stop();
    if (session_) {
        session_->cancel();
    }
}

void Vacuuming::work(const std::stop_token& stop, const Subject& subject) noexcept
{
    const std::string name = fmt::format("vacuum of \"{}\"", display(subject.table));
    try {
        vacuum(stop, subject);
    } catch (const Error& error) {
        if (stop.stop_requested()) {
            rest(std::chrono::seconds{0}, {});
        } else if (error.details.cause == Cause::lock_timeout) {
            rest(look_again, name + " waits for a lock");
        } else {
            rest(after_failure, fmt::format("{} failed: {}", name, error.message));
        }
    } catch (const std::exception& error) {
        rest(after_failure, fmt::format("{} failed: {}", name, error.what()));
    }
    const std::lock_guard lock(mutex_);
    session_.reset();
    has_ended_ = true;
}

void Vacuuming::vacuum(const std::stop_token& stop, const Subject& subject)
{
    const std::string name = fmt::format("vacuum of \"{}\"", display(subject.table));
    Session opened = connect_({.purpose = fmt::format("run {} vacuum", subject.run)});
    {
        const std::lock_guard lock(mutex_);
        session_.emplace(std::move(opened));
    }
    const DeadRows before = read_dead_rows(*session_, subject.table);
    if (!before.vacuum.empty()) {
        return rest(look_again, {}); // the signal tells of it
    }
    if (!before.may_vacuum) {
        return rest(after_failure, only_for_owner(name, before));
    }
    if (!before.keeper.empty() && before.keeper == useless_for_) {
        return rest(look_again,
                    fmt::format("{} does not help while {} lasts", name, before.keeper));
    }
    say(name + " is running");
    const SteadyTime began = clock_.steady_now();
    if (stop.stop_requested()) {
        return rest(std::chrono::seconds{0}, {});
    }
    run_vacuum(stop, subject);
    const DeadRows after = read_dead_rows(*session_, subject.table);
    if (!after.may_vacuum) { // no longer: the server passed over the table
        record_end(*session_, subject, "refused: only for \"" + after.owner + "\"");
        return rest(after_failure, only_for_owner(name, after));
    }
    record(*session_, subject, before, after,
           std::chrono::duration_cast<Microseconds>(clock_.steady_now() - began));
    const bool has_helped = after.dead * 2 < before.dead;
    useless_for_ = has_helped ? "" : after.keeper;
    rest(has_helped || !after.keeper.empty() ? after_success : after_failure,
         has_helped ? "" : fmt::format("{} removed little", name));
}

/// The ledger gets what ends it early, but for a lock that another holds.
void Vacuuming::run_vacuum(const std::stop_token& stop, const Subject& subject)
{
    try {
        vacuum_table(*session_, subject.table);
    } catch (const Error& error) {
        if (error.kind != ErrorKind::connection && error.details.cause != Cause::lock_timeout) {
            record_end(*session_, subject,
                       stop.stop_requested() ? "given up" : "failed: " + error.message);
        }
        throw;
    }
}

} // namespace sluice
