#include "support/traffic.h"

#include "sluice/core/error.h"
#include "sluice/db/transaction.h"

#include <doctest/doctest.h>

#include <chrono>

namespace sluice::test {

namespace {

constexpr long long first_rows = 3000;

std::vector<std::string> split(const std::string& text, char mark)
{
    const std::size_t at = text.find(mark);
    return at == std::string::npos
               ? std::vector<std::string>{text}
               : std::vector<std::string>{text.substr(0, at), text.substr(at + 1)};
}

std::vector<std::string> columns_of(const Place& place)
{
    return split(place.column, ',');
}

/// The value in a row of a key, a note, and what a place has.
std::string text_of(const Row& row)
{
    std::string text = row.at(2).value_or("NULL");
    return row.size() == 3 ? text : text + " " + row.at(3).value_or("NULL");
}

/// The value as the place has it: in one column or in two.
std::vector<std::string> values_of(const Place& place, const std::string& value)
{
    return columns_of(place).size() == 1 ? std::vector<std::string>{value} : split(value, ' ');
}

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

/// The row is there, in the part perhaps not.
void put_into_part(Session& session, const Place& place, const std::string& id,
                   const std::string& value)
{
    run(session,
        {"INSERT INTO " + place.part + " (id, " + place.column + ") VALUES (" + id + ", ", value,
         by_engine(") ON CONFLICT (id) DO UPDATE SET ", ") ON DUPLICATE KEY UPDATE ",
                   ") ON CONFLICT (id) DO UPDATE SET ") +
             place.column + " = ",
         value});
}

std::vector<std::string> tables_of(const Place& place)
{
    std::vector<std::string> tables = {place.table, place.part, place.beside};
    std::erase(tables, "");
    return tables;
}

std::string rows_of(const Place& place)
{
    if (place.part.empty()) {
        return "SELECT id, note, " + place.column + " FROM " + place.table;
    }
    return "SELECT t.id, note, p." + place.column + " FROM " + place.table + " t LEFT JOIN " +
           place.part + " p ON p.id = t.id";
}

void check_no_row_is_alone(Session& session, const Place& place)
{
    if (!place.part.empty()) {
        CHECK(session
                  .query("SELECT id FROM " + place.part + " WHERE id NOT IN (SELECT id FROM " +
                         place.table + ")")
                  .empty());
    }
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
            try_step(session, deployed.load());
            // SQLite's writers poll for the lock: clients that never rest starve each other.
            std::this_thread::sleep_for(std::chrono::microseconds(500));
        }
    } catch (const std::exception& problem) {
        error = problem.what();
        failed_ = true;
    }
}

/// The ledger follows the statement: what was not carried out is not in it.
void Client::try_step(Session& session, Deployed deployed)
{
    try {
        if (application_.has_transactions) {
            Transaction transaction(session);
            step(session, deployed);
            transaction.commit();
        } else {
            step(session, deployed);
        }
        ++written_;
    } catch (const Error& problem) {
        const bool is_deadlock = problem.details.cause == Cause::deadlock;
        const bool is_broken_view = problem.details.native_code == 1356;
        if (!(application_.tries_deadlocks_again && is_deadlock) &&
            !(application_.tries_broken_views_again && is_broken_view)) {
            throw;
        }
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
    const Place& chosen = place(deployed);
    const std::string& table = chosen.table;
    const auto row = any_row();
    const std::string id = std::to_string(row->first);
    const std::string name = application_.next_value(static_cast<unsigned>(random_()));
    switch (pick(6)) {
    case 0: {
        const long long fresh = 10000 + number_ + clients * inserted_++;
        if (!chosen.part.empty()) {
            run(session, {"INSERT INTO " + table + " (note, id) VALUES ('new', ",
                          std::to_string(fresh), ")"});
            put_into_part(session, chosen, std::to_string(fresh), name);
            ledger_[fresh] = Entry{name, "new"};
            return;
        }
        std::vector<std::string> parts = {"INSERT INTO " + table + " (" + chosen.column +
                                          ", note, id) VALUES ("};
        for (const std::string& value : values_of(chosen, name)) {
            parts.insert(parts.end(), {value, ", "});
        }
        parts.back() += "'new', ";
        parts.insert(parts.end(), {std::to_string(fresh), ")"});
        run(session, parts);
        if (!chosen.beside.empty()) {
            run(session,
                {"INSERT INTO " + chosen.beside + " (id) VALUES (", std::to_string(fresh), ")"});
        }
        ledger_[fresh] = Entry{name, "new"};
        return;
    }
    case 1:
        for (const std::string& each : tables_of(chosen)) {
            run(session, {"DELETE FROM " + each + " WHERE id = ", id});
        }
        ledger_.erase(row);
        return;
    case 2:
        run(session, {"UPDATE " + table + " SET note = ", name, " WHERE id = ", id});
        row->second.note = name;
        return;
    case 3: {
        // Moves behind the cursor, or beyond the upper bound.
        const long long moved = (pick(2) == 0 ? -1 : 1) * (1000000 + number_ + clients * moved_++);
        for (const std::string& each : tables_of(chosen)) {
            run(session,
                {"UPDATE " + each + " SET id = ", std::to_string(moved), " WHERE id = ", id});
        }
        ledger_[moved] = row->second;
        ledger_.erase(row);
        return;
    }
    default:
        update(session, chosen, row->first, row->second);
        return;
    }
}

/// Of two columns, now and then only one.
void Client::update(Session& session, const Place& place, long long id, Entry& entry)
{
    const std::vector<std::string> columns = columns_of(place);
    std::vector<std::string> values =
        values_of(place, application_.next_value(static_cast<unsigned>(random_())));
    if (!place.part.empty()) {
        put_into_part(session, place, std::to_string(id), values.front());
        entry.value = values.front();
        return;
    }
    const std::vector<std::string> before = values_of(place, entry.value);
    const int left_out = columns.size() > 1 ? pick(columns.size() + 1) : -1;
    std::vector<std::string> parts;
    std::string value;
    for (std::size_t n = 0; n < columns.size(); ++n) {
        const bool is_written = static_cast<int>(n) != left_out;
        if (is_written) {
            parts.insert(parts.end(), {(parts.empty() ? "UPDATE " + place.table + " SET " : ", ") +
                                           columns[n] + " = ",
                                       values[n]});
        }
        value += (n == 0 ? "" : " ") + (is_written ? values[n] : before[n]);
    }
    parts.insert(parts.end(), {" WHERE id = ", std::to_string(id)});
    run(session, parts);
    entry.value = value;
}

void fill_users(const TestDatabase& database, const std::string& column,
                const Application& application)
{
    const Place place{.column = column};
    const std::string key = by_engine("bigint", "bigint", "integer");
    std::string script = "CREATE TABLE users (id " + key + " PRIMARY KEY, ";
    for (const std::string& each : columns_of(place)) {
        script += each + " varchar(60) NOT NULL, ";
    }
    script += "note varchar(60)); INSERT INTO users VALUES ";
    for (long long id = 0; id < first_rows; ++id) {
        script += (id > 0 ? ",(" : "(") + std::to_string(id);
        for (const std::string& value : values_of(place, application.first_value(id))) {
            script += ",'" + value + "'";
        }
        script += ",'start')";
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
        check_no_row_is_alone(session, place);
        const Rows rows = session.query(rows_of(place));
        CHECK(rows.size() == expected.size());
        std::size_t wrong = 0;
        for (const Row& row : rows.rows) {
            const auto entry = expected.find(std::stoll(*row[0]));
            const std::string value = text_of(row);
            const bool right = entry != expected.end() && value == entry->second.value &&
                               row[1] == entry->second.note;
            if (!right && ++wrong < 5) {
                MESSAGE("row " << *row[0] << " of " << place.table << ": " << place.column << " is "
                               << value << ", the client wrote "
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
