#pragma once
// One migration on a real database, and the whole of its life: there and back, there again,
// contracted, brought back, contracted, purged; tables and rows are compared at each turn.

#include "sluice/core/clock.h"
#include "sluice/run/runner.h"
#include "support/backfill.h"
#include "support/database.h"

#include <string>
#include <vector>

namespace sluice::test {

/// CREATE TABLE t with a key "id" and these columns. It ends with a semicolon.
[[nodiscard]] std::string table(const std::string& columns);

/// A [[change]] of table t; `rest` is its other lines.
[[nodiscard]] std::string change(const std::string& kind, const std::string& rest);

class Life {
public:
    /// `setup` is any script; `migration` is the text of the file.
    Life(const std::string& setup, const std::string& migration);

    void expand();
    void migrate();
    void contract();
    void rollback();
    void purge();

    [[nodiscard]] Runner runner();

    [[nodiscard]] const Migration& migration() const { return migrations_.front(); }

    [[nodiscard]] State state() const;
    /// Every row of the result, its values with a "|" after each, a line a row.
    [[nodiscard]] std::string rows(const std::string& query) const;
    /// All tables but sluice's own.
    [[nodiscard]] std::vector<Table> tables() const;

    TestDatabase database;
    Recorder listener;

private:
    SystemClock clock_;
    std::vector<Migration> migrations_;
};

/// Fails the test with every difference.
void check_same_tables(const std::vector<Table>& expected, const std::vector<Table>& found);
/// Fails the test where anything of sluice's is left in a table.
void check_nothing_left(const std::vector<Table>& tables);

/// Runs a script as an application's connection does: with foreign keys held on SQLite, too.
void run_held(const Life& life, const std::string& sql);
/// What expand is refused with, message and hint; fails the test where it is not.
[[nodiscard]] std::string refusal(const std::string& setup, const std::string& migration);
/// Fails the test for every part that the text does not have.
void check_mentions(const std::string& text, const std::vector<std::string>& parts);

struct Story {
    std::string setup;
    std::string migration;
    std::string before; ///< a query: the rows as the old application reads them
    std::string after;  ///< as the new one does
    /// What `after` gives; empty: the same as `before` gave at first.
    std::string rows_after;
};

/// expand, migrate, rollback to the beginning; expand, migrate, contract, rollback of contract,
/// contract, purge.
void live_through(const Story& story);

} // namespace sluice::test
