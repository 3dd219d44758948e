#include "support/traffic.h"

#include <doctest/doctest.h>

#include <chrono>

namespace sluice::test {

namespace {

constexpr long long first_rows = 3000;

/// SQL and values in turn. The values are written out: a statement that PostgreSQL has prepared
/// with a parameter of the old type cannot be run after a change of the type.
void run(Session& session, const std::vector<std::string>& parts)
{
    std::string sql;
    for (std::size_t n = 0; n < parts.size(); ++n) {
        sql += n % 2 == 0 ? parts[n] : session.dialect().literal(parts[n]);
    }
    session.execute(sql);
}

} // namespace

Client::Client(const TestDatabase& database, const Application& application, long long number,
               unsigned seed)
    : database_(database), application_(application), number_(number), random_(seed)
{
    for (long long id = number; id < first_rows; id += clients) {
        ledger_[id] = Entry{application.first_value(id), "start"};
    }
}

void Client::work(const std::atomic<Deployed>& deployed)
{
    try {
        SessionOptions options;
        options.purpose = "application";
        options.lock_timeout = std::chrono::milliseconds(900);
        Session session = database_.open(options);
        if (database_.url().engine == Engine::sqlite) {
            session.execute("PRAGMA busy_timeout = 60000");
        }
        while (deployed.load() != Deployed::stopped) {
            step(session, deployed.load());
            ++written_;
            // SQLite's writers poll for the lock: clients that never rest starve each other.
            std::this_thread::sleep_for(std::chrono::microseconds(500));
        }
    } catch (const std::exception& problem) {
        error = problem.what();
        failed_ = true;
    }
}

void Client::wait_until_it_has_written(long long times) const
{
    const long long enough = written_ + times;
    while (written_ < enough && !failed_) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

std::map<long long, Client::Entry>::iterator Client::any_row()
{
    auto row = ledger_.lower_bound(static_cast<long long>(random_() % 4000));
    return row == ledger_.end() ? ledger_.begin() : row;
}

const Place& Client::place(Deployed deployed)
{
    const bool is_first = deployed == Deployed::first && !application_.first_columns.empty();
    const std::vector<Place>& places = is_first                         ? application_.first_columns
                                       : deployed == Deployed::new_only ? application_.new_columns
                                                                        : application_.old_columns;
    return places[static_cast<std::size_t>(pick(places.size()))];
}

void Client::step(Session& session, Deployed deployed)
{
    const auto& [column, table] = place(deployed);
    const auto row = any_row();
    const std::string id = std::to_string(row->first);
    const std::string name = application_.next_value(static_cast<unsigned>(random_()));
    switch (pick(6)) {
    case 0: {
        const long long fresh = 10000 + number_ + clients * inserted_++;
        run(session, {"INSERT INTO " + table + " (" + column + ", note, id) VALUES (", name,
                      ", 'new', ", std::to_string(fresh), ")"});
        ledger_[fresh] = Entry{name, "new"};
        return;
    }
    case 1:
        run(session, {"DELETE FROM " + table + " WHERE id = ", id});
        ledger_.erase(row);
        return;
    case 2:
        run(session, {"UPDATE " + table + " SET note = ", name, " WHERE id = ", id});
        row->second.note = name;
        return;
    case 3: {
        // Moves behind the cursor, or beyond the upper bound.
        const long long moved = (pick(2) == 0 ? -1 : 1) * (1000000 + number_ + clients * moved_++);
        run(session, {"UPDATE " + table + " SET id = ", std::to_string(moved), " WHERE id = ", id});
        ledger_[moved] = row->second;
        ledger_.erase(row);
        return;
    }
    default:
        run(session, {"UPDATE " + table + " SET " + column + " = ", name, " WHERE id = ", id});
        row->second.value = name;
        return;
    }
}

void fill_users(const TestDatabase& database, const std::string& column,
                const Application& application)
{
    const std::string key = by_engine("bigint", "bigint", "integer");
    std::string script = "CREATE TABLE users (id " + key + " PRIMARY KEY, " + column +
                         " varchar(60) NOT NULL, note varchar(60)); INSERT INTO users VALUES ";
    for (long long id = 0; id < first_rows; ++id) {
        script += (id > 0 ? ",(" : "(") + std::to_string(id) + ",'" + application.first_value(id) +
                  "','start')";
    }
    database.run(script);
}

void check_ledgers(const TestDatabase& database, const std::vector<Client*>& clients,
                   const std::vector<Place>& places)
{
    std::map<long long, Client::Entry> expected;
    for (const Client* client : clients) {
        REQUIRE_MESSAGE(client->error.empty(), client->error);
        expected.insert(client->ledger().begin(), client->ledger().end());
    }
    Session session = database.open();
    for (const Place& place : places) {
        const Rows rows =
            session.query("SELECT id, " + place.column + ", note FROM " + place.table);
        CHECK(rows.size() == expected.size());
        std::size_t wrong = 0;
        for (const Row& row : rows.rows) {
            const auto entry = expected.find(std::stoll(*row[0]));
            const bool right = entry != expected.end() && row[1] == entry->second.value &&
                               row[2] == entry->second.note;
            if (!right && ++wrong < 5) {
                MESSAGE("row " << *row[0] << " of " << place.table << ": " << place.column << " is "
                               << row[1].value_or("NULL") << ", the client wrote "
                               << (entry == expected.end() ? "a delete" : entry->second.value));
            }
        }
        CHECK(wrong == 0);
    }
}

void Failures::on(const Event& event)
{
    const std::scoped_lock lock(mutex_);
    if (const auto* failed = std::get_if<ActionFailed>(&event)) {
        text_ += failed->summary + ": " + failed->error + "\n";
    }
}

std::string Failures::text()
{
    const std::scoped_lock lock(mutex_);
    return text_;
}

} // namespace sluice::test
