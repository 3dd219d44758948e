// Two versions of an application write a table and its successor, and delete the rows that both
// refer to: what the foreign keys do to rows counts as written. Others refer to the rows, and are
// written, too. Each writer's ledger of its own rows must be what is there at the end.

#include "sluice/core/error.h"
#include "sluice/migration/reader.h"
#include "sluice/run/runner.h"
#include "support/database.h"
#include "support/traffic.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace sluice;
using test::by_engine;
using test::Deployed;

namespace {

std::string setup()
{
    const std::string key = by_engine("bigint", "bigint", "INTEGER");
    const std::string id = "id " + key + " PRIMARY KEY";
    return "CREATE TABLE owner (" + id + "); CREATE TABLE t (" + id + ", owner_id " + key +
           " NOT NULL, note varchar(20), CONSTRAINT t_owner FOREIGN KEY (owner_id) REFERENCES "
           "owner (id) ON DELETE CASCADE); CREATE TABLE child (" +
           id + ", t_id " + key +
           " NOT NULL, CONSTRAINT child_t FOREIGN KEY (t_id) REFERENCES t (id) ON DELETE CASCADE);"
           "CREATE INDEX child_of ON child (t_id); CREATE INDEX t_of ON t (owner_id);";
}

std::string file()
{
    const std::string key = by_engine("bigint", "bigint", "INTEGER");
    return "[[change]]\nkind = \"copy_table\"\ntable = \"t\"\nto = \"news\"\nprimary_key = "
           "[\"id\"]\ncolumns = [\n{ name = \"id\", type = \"" +
           key + "\" },\n{ name = \"owner_id\", type = \"" + key +
           "\", nullable = false },\n{ name = \"words\", type = \"varchar(40)\", value = \"note\" "
           "},\n]\nindexes = [{ name = \"news_of\", columns = [\"owner_id\"] }]\n"
           "[pace]\nbatch_rows = 40\nsleep = \"1ms\"\n";
}

/// Owners, their rows, and what refers to these, all of its own.
class Writer {
public:
    Writer(const test::TestDatabase& database, long long number, unsigned seed)
        : database_(database), next_(number), random_(seed)
    {
    }

    void work(const std::atomic<Deployed>& deployed)
    {
        try {
            Session session = database_.open({.purpose = "application"});
            if (test::engine() == Engine::sqlite) {
                session.execute("PRAGMA busy_timeout = 60000");
            } else if (test::engine() == Engine::postgresql) {
                // Who meets sluice in a deadlock waits longer than sluice does, as by default.
                session.execute("SET lock_timeout = 0");
            }
            while (deployed.load() != Deployed::stopped) {
                try_step(session, deployed.load());
                std::this_thread::sleep_for(std::chrono::microseconds(500));
            }
        } catch (const std::exception& problem) {
            error = problem.what();
            has_failed_ = true;
        }
    }

    void wait_until_it_has_written(int times) const
    {
        const int until = written_ + times;
        while (written_ < until && !has_failed_) {
            std::this_thread::yield();
        }
    }

    struct Line {
        long long owner = 0;
        std::string note;
    };

    std::map<long long, Line> rows;
    std::map<long long, long long> children; ///< and the row that each refers to
    std::string error;

private:
    /// The ledger follows the statement; one that the server ended for another is not in it.
    void try_step(Session& session, Deployed deployed)
    {
        try {
            step(session, deployed);
            ++written_;
        } catch (const Error& problem) {
            if (problem.details.cause != Cause::deadlock) {
                throw;
            }
        }
    }

    [[nodiscard]] bool writes_new(Deployed deployed)
    {
        return deployed == Deployed::new_only || (deployed == Deployed::both && random_() % 2 == 0);
    }

    void step(Session& session, Deployed deployed)
    {
        const bool is_new = writes_new(deployed);
        const std::string table = is_new ? "news" : "t";
        const std::string text = is_new ? "words" : "note";
        const auto what = random_() % 11;
        if (owners_.size() < 3 || what == 0) {
            const long long id = next_ += 10;
            session.execute("INSERT INTO owner VALUES (" + std::to_string(id) + ")");
            owners_.insert(id);
        } else if (rows.size() < 5 || what < 4) {
            const long long id = next_ += 10;
            const Line line{any(owners_), "n" + std::to_string(random_() % 1000)};
            session.execute("INSERT INTO " + table + " (id, owner_id, " + text + ") VALUES (" +
                            std::to_string(id) + ", " + std::to_string(line.owner) + ", '" +
                            line.note + "')");
            rows[id] = line;
        } else if (what < 6) {
            const long long id = next_ += 10;
            const long long row = any_row();
            session.execute("INSERT INTO child VALUES (" + std::to_string(id) + ", " +
                            std::to_string(row) + ")");
            children[id] = row;
        } else if (what < 8) {
            const long long id = any_row();
            const Line line{any(owners_), "u" + std::to_string(random_() % 1000)};
            session.execute("UPDATE " + table + " SET owner_id = " + std::to_string(line.owner) +
                            ", " + text + " = '" + line.note +
                            "' WHERE id = " + std::to_string(id));
            rows[id] = line;
        } else if (what == 8) {
            const long long id = any_row();
            session.execute("DELETE FROM " + table + " WHERE id = " + std::to_string(id));
            forget(id);
        } else if (what == 9) {
            change_key(session, table);
        } else {
            const long long id = any(owners_);
            session.execute("DELETE FROM owner WHERE id = " + std::to_string(id));
            owners_.erase(id);
            for (const long long row : rows_of(id)) {
                forget(row);
            }
        }
    }

    /// Refused where something refers to the row.
    void change_key(Session& session, const std::string& table)
    {
        const long long id = any_row();
        const long long key = next_ += 10;
        const bool is_referred =
            std::any_of(children.begin(), children.end(),
                        [id](const auto& child) { return child.second == id; });
        try {
            session.execute("UPDATE " + table + " SET id = " + std::to_string(key) +
                            " WHERE id = " + std::to_string(id));
        } catch (const Error& problem) {
            if (problem.details.cause == Cause::constraint && is_referred) {
                return;
            }
            throw;
        }
        rows[key] = rows.at(id);
        rows.erase(id);
        if (is_referred) {
            throw std::runtime_error("a row that others refer to was given another key");
        }
    }

    [[nodiscard]] std::vector<long long> rows_of(long long owner) const
    {
        std::vector<long long> ids;
        for (const auto& [id, line] : rows) {
            if (line.owner == owner) {
                ids.push_back(id);
            }
        }
        return ids;
    }

    void forget(long long row)
    {
        rows.erase(row);
        std::erase_if(children, [row](const auto& child) { return child.second == row; });
    }

    [[nodiscard]] long long any(const std::set<long long>& ids)
    {
        return *std::next(ids.begin(), static_cast<std::ptrdiff_t>(random_() % ids.size()));
    }

    [[nodiscard]] long long any_row()
    {
        return std::next(rows.begin(), static_cast<std::ptrdiff_t>(random_() % rows.size()))->first;
    }

    const test::TestDatabase& database_;
    long long next_;
    std::mt19937 random_;
    std::set<long long> owners_;
    std::atomic<int> written_ = 0;
    std::atomic<bool> has_failed_ = false;
};

using Writers = std::vector<Writer*>;

template <class Work> void while_writing(const Writers& writers, Deployed which, Work work)
{
    std::atomic<Deployed> deployed = which;
    std::vector<std::jthread> threads;
    for (Writer* writer : writers) {
        threads.emplace_back([writer, &deployed] { writer->work(deployed); });
    }
    try {
        for (const Writer* writer : writers) {
            writer->wait_until_it_has_written(60);
        }
        work();
        for (const Writer* writer : writers) {
            writer->wait_until_it_has_written(60);
        }
    } catch (...) {
        deployed = Deployed::stopped;
        throw;
    }
    deployed = Deployed::stopped;
}

std::string lines_of(const test::TestDatabase& database, const std::string& query)
{
    std::string text;
    for (const Row& row : database.open().query(query).rows) {
        for (const Value& value : row) {
            text += value.value_or("NULL") + "|";
        }
        text += "\n";
    }
    return text;
}

void check_ledgers(const test::TestDatabase& database, const Writers& writers,
                   const std::vector<std::string>& tables)
{
    std::map<long long, std::string> rows;
    std::map<long long, std::string> children;
    for (const Writer* writer : writers) {
        CHECK(writer->error == "");
        for (const auto& [id, line] : writer->rows) {
            rows[id] =
                std::to_string(id) + "|" + std::to_string(line.owner) + "|" + line.note + "|\n";
        }
        for (const auto& [id, row] : writer->children) {
            children[id] = std::to_string(id) + "|" + std::to_string(row) + "|\n";
        }
    }
    const auto joined = [](const std::map<long long, std::string>& lines) {
        std::string text;
        for (const auto& [id, line] : lines) {
            text += line;
        }
        return text;
    };
    for (const std::string& table : tables) {
        CAPTURE(table);
        const std::string text = table == "news" ? "words" : "note";
        CHECK(lines_of(database, "SELECT id, owner_id, " + text + " FROM " + table +
                                     " ORDER BY id") == joined(rows));
    }
    CHECK(lines_of(database, "SELECT id, t_id FROM child ORDER BY id") == joined(children));
}

} // namespace

TEST_CASE("nothing that versions of an application write is lost while a table with foreign keys "
          "is copied and cascades reach it")
{
    const unsigned seed = std::random_device{}();
    CAPTURE(seed);
    const test::TestDatabase database;
    database.run(setup());
    Writer first(database, 1, seed);
    Writer second(database, 2, seed + 1);
    const Writers writers{&first, &second};
    SystemClock clock;
    test::Failures failures;
    CAPTURE(failures.text());
    const std::vector<Migration> migrations{parse_migration(file(), "migrations/1_live.toml")};
    Runner runner(database.connect(), clock, failures, std::stop_token{}, migrations,
                  {.actor = current_actor()});
    const Migration& migration = migrations.front();
    while_writing(writers, Deployed::first, [&] {
        CHECK(runner.expand(migration) == RunEnd::done);
        CHECK(runner.migrate(migration) == RunEnd::done);
    });
    check_ledgers(database, writers, {"t", "news"});
    while_writing(writers, Deployed::both, [] {});
    check_ledgers(database, writers, {"t", "news"});
    for (int turn = 1; turn <= 2; ++turn) {
        while_writing(writers, Deployed::new_only,
                      [&] { CHECK(runner.contract(migration) == RunEnd::done); });
        check_ledgers(database, writers, {"news", "sluice_kept_t"});
        if (turn == 1) {
            while_writing(writers, Deployed::new_only,
                          [&] { CHECK(runner.rollback(migration) == RunEnd::done); });
            check_ledgers(database, writers, {"t", "news"});
        }
    }
    while_writing(writers, Deployed::new_only,
                  [&] { CHECK(runner.purge(migration) == RunEnd::done); });
    check_ledgers(database, writers, {"news"});
}
