#pragma once
// What is measured: a table "users" of rows of about 100 bytes whose "username" is empty, and the
// ways to fill it.

#include "sluice/db/session.h"
#include "sluice/db/url.h"
#include "sluice/state/pace.h"

#include <string>

namespace sluice::bench {

struct Subject {
    Url url;
    std::string url_text; ///< with its password, for other people's programs
    long long rows = 1'000'000;
    long long batch_rows = 500;
};

/// Makes the table anew, as a table is that nobody has touched for a while: statistics gathered,
/// nothing left to vacuum or to write back.
void make_users(const Subject& subject);

/// One UPDATE of the whole table.
void single_update(const Subject& subject);
/// The server's own loop, a commit each batch_rows rows. False where the engine has none (SQLite).
[[nodiscard]] bool server_loop(const Subject& subject);
/// What a run has where nobody says anything about its pace.
[[nodiscard]] Pace default_pace(const Subject& subject);
/// batch_rows a batch, no sleep, duty 1.
[[nodiscard]] Pace unthrottled_pace(const Subject& subject);
/// sluice's backfill from beginning to end, the final check included; unthrottled unless said.
void backfill(const Subject& subject);
void backfill(const Subject& subject, const Pace& pace);

/// The same, and where its time went: each kind of statement with how often it was sent, and how
/// long it took until the next one was.
[[nodiscard]] std::string backfill_profile(const Subject& subject);

/// Throws unless every row has its username.
void check_users(const Subject& subject);

} // namespace sluice::bench
