#pragma once
// A database with a table, migrations as text, and whoever runs them: what the tests of the runner,
// the gate and the crashes share.

#include "sluice/core/clock.h"
#include "sluice/core/error.h"
#include "sluice/migration/reader.h"
#include "sluice/run/runner.h"
#include "support/backfill.h"
#include "support/database.h"

#include <algorithm>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace sluice::test {

class Project {
public:
    /// A table "people" (id, full_name NOT NULL, age) with `rows` rows.
    explicit Project(int rows = 25);

    /// `version` and `name` become the file's name.
    const Migration& add(const std::string& version_and_name, const std::string& toml);
    /// The file is edited: the migration with the same version is replaced.
    void edit(const std::string& version_and_name, const std::string& toml);

    [[nodiscard]] const Migration& migration(std::size_t n = 0) const { return migrations.at(n); }

    [[nodiscard]] Runner runner();
    [[nodiscard]] State state(std::size_t n = 0);
    /// All tables but sluice's own, without what the engine makes up as it goes.
    [[nodiscard]] std::vector<Table> schema() const;
    /// Every row of a table, its columns joined, in key order.
    [[nodiscard]] std::string rows(const std::string& table, const std::string& columns) const;

    TestDatabase database;
    SystemClock clock;
    Recorder listener;
    std::stop_source stop;
    std::vector<Migration> migrations;
    RunnerOptions options;
    /// Called before each statement of every session that the runner opens.
    std::function<void(std::string_view)> before_statement;
};

/// The error that `work` throws; fails the test where it throws none.
[[nodiscard]] Error error_of(const std::function<void()>& work);

/// full_name becomes name: all three phases from one declaration.
inline constexpr const char* rename_full_name = R"toml(
summary = "people.full_name becomes people.name"
[[change]]
kind = "rename_column"
table = "people"
from = "full_name"
to = "name"
[pace]
batch_rows = 10
batch_max = 10
sleep = "0ms"
duty = 1
)toml";

/// All three phases written out; nothing of it can fail, and all of it can be undone but contract.
inline constexpr const char* written_out = R"toml(
summary = "people have initials"
[[expand]]
sql = "ALTER TABLE people ADD COLUMN initial varchar(10)"
undo = "ALTER TABLE people DROP COLUMN initial"
[[backfill]]
table = "people"
set = { initial = "substr(full_name, 1, 1)" }
where = "initial IS NULL"
[[verify]]
table = "people"
expect = "initial = substr(full_name, 1, 1)"
[[contract]]
sql = "ALTER TABLE people DROP COLUMN age"
undo = false
[pace]
batch_rows = 10
batch_max = 10
sleep = "0ms"
duty = 1
)toml";

} // namespace sluice::test
