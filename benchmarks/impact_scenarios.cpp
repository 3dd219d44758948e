// What the application feels of a backfill, of other ways to do it, and of the loops that others
// use.

#include "impact.h"
#include "impact_foreground.h"
#include "measure.h"
#include "peers.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace sluice::bench {

namespace {

/// The usual script: so many ids at a time, as fast as it goes.
void naive_loop(const Subject& subject)
{
    constexpr long long step = 10'000;
    Session session(subject.url, {});
    wait_like_an_application(session);
    for (long long low = 0; low < subject.rows; low += step) {
        session.execute(
            fmt::format("UPDATE users SET username = lower(user_name) WHERE id > {} AND id <= {}",
                        low, std::min(low + step, subject.rows)));
    }
}

void check_filled(const Subject& subject)
{
    Session session(subject.url, {});
    const Rows rows = session.query("SELECT count(*) FROM users WHERE username IS NULL");
    if (rows[0][0].value() != "0") {
        throw std::runtime_error(rows[0][0].value() + " rows were left out");
    }
}

std::string title(const Options& options)
{
    return fmt::format("{}, {} rows: {}\n\n", options.subject.url.display(), options.subject.rows,
                       environment());
}

Variant alone()
{
    return {.name = "none", .job = {}, .check = {}};
}

Variant filling(const Subject& subject, const std::string& name, std::function<void()> job)
{
    return {.name = name, .job = std::move(job), .check = [&subject] { check_filled(subject); }};
}

Variant unthrottled(const Subject& subject)
{
    return filling(subject, "sluice unthrottled", [&subject] { backfill(subject); });
}

void impact(const Options& options)
{
    const Subject& subject = options.subject;
    fmt::print("{}", title(options));
    measure_impact(options, {alone(),
                             filling(subject, "sluice at default pace",
                                     [&] { backfill(subject, default_pace(subject)); }),
                             unthrottled(subject),
                             filling(subject, "one UPDATE", [&] { single_update(subject); }),
                             filling(subject, "10,000 rows a time", [&] { naive_loop(subject); })});
}

void peers(const Options& options)
{
    const Subject& subject = options.subject;
    fmt::print("{}", title(options));
    std::vector<Variant> variants{alone(), unthrottled(subject)};
    for (const Peer& peer : find_peers(subject)) {
        if (!peer.missing.empty()) {
            fmt::print("left out: {}: {}\n", peer.name, peer.missing);
            continue;
        }
        variants.push_back(
            filling(subject, peer.name, [&subject, peer] { run_peer(subject, peer); }));
        variants.back().may_fail = true;
    }
    measure_impact(options, variants);
}

void workers(const Options& options)
{
    const Subject& subject = options.subject;
    fmt::print("{}\n", title(options));
    const auto with = [&subject](int count) {
        return [&subject, count] {
            Pace pace = unthrottled_pace(subject);
            pace.workers = count;
            backfill(subject, pace);
        };
    };
    const Rounds rounds =
        take_turns({.names = {"single UPDATE", "1 worker", "2 workers", "4 workers"},
                    .ways = {[&] { single_update(subject); }, with(1), with(2), with(4)},
                    .before = [&] { make_users(subject); },
                    .after = [&] { check_users(subject); }},
                   options.rounds);
    fmt::print("{}", table(rounds, subject.rows));
}

} // namespace

std::vector<Scenario> impact_scenarios()
{
    return {
        {"impact", "what an application feels of a backfill, and what the server spends", impact},
        {"peers", "the same for the loops that other tools make, as far as they are installed",
         peers},
        {"workers", "1, 2 and 4 workers against one UPDATE", workers},
    };
}

} // namespace sluice::bench
