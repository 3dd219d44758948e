#include "sluice/state/ranges.h"

#include "sluice/db/transaction.h"

#include <fmt/format.h>

#include <random>

namespace sluice {

namespace {

constexpr std::string_view range_columns =
    "run, ordinal, lower_key, upper_key, cursor_key, state, lease_owner, lease_token, "
    "lease_expires, rows_scanned, rows_changed, batches, retries, rows_now, p50_us, p99_us";

RangeRecord range_from(const Row& row)
{
    const auto number = [&row](std::size_t n) { return std::stoll(row.at(n).value()); };
    return {.run = number(0),
            .ordinal = static_cast<int>(number(1)),
            .lower = row.at(2).value(),
            .upper = row.at(3).value(),
            .cursor = row.at(4).value(),
            .state = row.at(5) == "done" ? RangeState::done : RangeState::open,
            .lease_owner = row.at(6).value(),
            .lease_token = row.at(7).value(),
            .lease_expires = row.at(8).value(),
            .is_free = row.at(16) == "1",
            .rows_scanned = number(9),
            .rows_changed = number(10),
            .batches = number(11),
            .retries = number(12),
            .rows_now = number(13),
            .p50_us = number(14),
            .p99_us = number(15)};
}

std::string select_ranges(const Dialect& dialect)
{
    return fmt::format("SELECT {}, CASE WHEN lease_expires < {} THEN 1 ELSE 0 END FROM {} WHERE "
                       "run = ",
                       range_columns, dialect.now(), dialect.state_table("range"));
}

} // namespace

std::string new_token()
{
    std::random_device random;
    return fmt::format("{:08x}{:08x}{:08x}{:08x}", random(), random(), random(), random());
}

std::vector<RangeRecord> Ranges::all(std::int64_t run)
{
    Sql sql = session_.dialect().sql();
    sql << select_ranges(session_.dialect());
    sql.bind(static_cast<long long>(run)) << " AND ordinal <> ";
    sql.bind(static_cast<long long>(check_ordinal)) << " ORDER BY ordinal";
    std::vector<RangeRecord> ranges;
    for (const Row& row : session_.query(sql.take()).rows) {
        ranges.push_back(range_from(row));
    }
    return ranges;
}

std::optional<RangeRecord> Ranges::find(std::int64_t run, int ordinal)
{
    Sql sql = session_.dialect().sql();
    sql << select_ranges(session_.dialect());
    sql.bind(static_cast<long long>(run)) << " AND ordinal = ";
    sql.bind(static_cast<long long>(ordinal));
    const Rows rows = session_.query(sql.take());
    return rows.empty() ? std::nullopt : std::optional(range_from(rows[0]));
}

void Ranges::open_pass(std::int64_t run, int pass, const std::vector<std::string>& cuts,
                       std::string_view upper)
{
    const Dialect& dialect = session_.dialect();
    JoinedTransaction transaction(session_);
    RangeRecord first{.run = run, .ordinal = 1};
    for (const RangeRecord& before : all(run)) {
        first.rows_scanned += before.rows_scanned;
        first.rows_changed += before.rows_changed;
        first.batches += before.batches;
        first.retries += before.retries;
    }
    Sql clear = dialect.sql();
    clear << "DELETE FROM " << dialect.state_table("range") << " WHERE run = ";
    clear.bind(static_cast<long long>(run));
    session_.execute(clear.take());
    insert({.run = run, .ordinal = check_ordinal});
    for (std::size_t n = 0; n <= cuts.size(); ++n) {
        RangeRecord range = n == 0 ? first : RangeRecord{.run = run};
        range.ordinal = static_cast<int>(n) + 1;
        range.lower = range.cursor = n == 0 ? "" : cuts[n - 1];
        range.upper = n < cuts.size() ? cuts[n] : upper;
        insert(range);
    }
    Sql number = dialect.sql();
    number << "UPDATE " << dialect.state_table("run") << " SET pass = ";
    number.bind(static_cast<long long>(pass)) << " WHERE id = ";
    number.bind(static_cast<long long>(run));
    session_.execute(number.take());
    transaction.commit();
}

void Ranges::insert(const RangeRecord& range)
{
    const Dialect& dialect = session_.dialect();
    Sql sql = dialect.sql();
    sql << "INSERT INTO " << dialect.state_table("range") << " (" << range_columns << ") VALUES (";
    sql.bind(static_cast<long long>(range.run)) << ", ";
    sql.bind(static_cast<long long>(range.ordinal)) << ", ";
    sql.bind(range.lower) << ", ";
    sql.bind(range.upper) << ", ";
    sql.bind(range.cursor) << ", 'open', ";
    sql.bind(range.lease_owner) << ", ";
    sql.bind(range.lease_token) << ", ";
    sql.bind(range.lease_expires) << ", ";
    sql.bind(static_cast<long long>(range.rows_scanned)) << ", ";
    sql.bind(static_cast<long long>(range.rows_changed)) << ", ";
    sql.bind(static_cast<long long>(range.batches)) << ", ";
    sql.bind(static_cast<long long>(range.retries)) << ", 0, 0, 0)";
    session_.execute(sql.take());
}

Sql Ranges::update() const
{
    Sql sql = session_.dialect().sql();
    sql << "UPDATE " << session_.dialect().state_table("range") << " SET ";
    return sql;
}

void Ranges::append_held(Sql& sql, const Held& held)
{
    sql << " WHERE run = ";
    sql.bind(static_cast<long long>(held.run)) << " AND ordinal = ";
    sql.bind(static_cast<long long>(held.ordinal)) << " AND lease_token = ";
    sql.bind(held.token);
}

std::optional<RangeRecord> Ranges::lock(std::int64_t run, int ordinal)
{
    Sql sql = update();
    sql << "ordinal = ordinal WHERE run = ";
    sql.bind(static_cast<long long>(run)) << " AND ordinal = ";
    sql.bind(static_cast<long long>(ordinal));
    session_.execute(sql.take());
    return find(run, ordinal);
}

int Ranges::cut(const RangeRecord& locked, std::string_view at)
{
    Sql shorten = update();
    shorten << "upper_key = ";
    shorten.bind(at) << " WHERE run = ";
    shorten.bind(static_cast<long long>(locked.run)) << " AND ordinal = ";
    shorten.bind(static_cast<long long>(locked.ordinal));
    session_.execute(shorten.take());
    // Whoever cuts another range of the run at the same time waits here for its number.
    (void)lock(locked.run, check_ordinal);
    Sql last = session_.dialect().sql();
    last << "SELECT MAX(ordinal) FROM " << session_.dialect().state_table("range")
         << " WHERE run = ";
    last.bind(static_cast<long long>(locked.run));
    RangeRecord rest{.run = locked.run};
    rest.ordinal = std::stoi(session_.query(last.take())[0][0].value()) + 1;
    rest.lower = rest.cursor = at;
    rest.upper = locked.upper;
    insert(rest);
    return rest.ordinal;
}

bool Ranges::move(const RangeRecord& locked, std::string_view cursor)
{
    Sql sql = update();
    sql << "cursor_key = ";
    sql.bind(cursor) << ", state = 'open', lease_token = '', lease_expires = ''";
    append_held(sql, {locked.run, locked.ordinal, locked.lease_token});
    if (!locked.lease_token.empty() && !is_gone(owner_from(locked.lease_owner))) {
        sql << " AND lease_expires < " << session_.dialect().now();
    }
    return session_.execute(sql.take()) == 1;
}

bool Ranges::renew(const Held& held, std::chrono::seconds lease)
{
    Sql sql = update();
    sql << "lease_expires = " << session_.dialect().now(lease);
    append_held(sql, held);
    return session_.execute(sql.take()) == 1;
}

void Ranges::release(const Held& held)
{
    Sql sql = update();
    sql << "lease_token = '', lease_expires = ''";
    append_held(sql, held);
    session_.execute(sql.take());
}

bool Ranges::close(const Held& held)
{
    Sql sql = update();
    sql << "state = 'done', lease_token = '', lease_expires = ''";
    append_held(sql, held);
    sql << " AND cursor_key = upper_key";
    return session_.execute(sql.take()) == 1;
}

void Ranges::add_retries(const Held& held, std::int64_t retries)
{
    Sql sql = update();
    sql << "retries = retries + ";
    sql.bind(static_cast<long long>(retries)) << " WHERE run = ";
    sql.bind(static_cast<long long>(held.run)) << " AND ordinal = ";
    sql.bind(static_cast<long long>(held.ordinal));
    session_.execute(sql.take());
}

bool Ranges::claim(std::int64_t run, int ordinal, const Actor& owner, const std::string& token,
                   std::chrono::seconds lease)
{
    const Dialect& dialect = session_.dialect();
    Sql holder = dialect.sql();
    holder << "SELECT lease_owner, lease_token FROM " << dialect.state_table("range")
           << " WHERE run = ";
    holder.bind(static_cast<long long>(run)) << " AND ordinal = ";
    holder.bind(static_cast<long long>(ordinal));
    const Rows rows = session_.query(holder.take());
    if (rows.empty()) {
        return false;
    }
    Sql sql = dialect.sql();
    sql << "UPDATE " << dialect.state_table("range") << " SET lease_owner = ";
    sql.bind(owner_text(owner)) << ", lease_token = ";
    sql.bind(token) << ", lease_expires = " << dialect.now(lease) << " WHERE run = ";
    sql.bind(static_cast<long long>(run)) << " AND ordinal = ";
    sql.bind(static_cast<long long>(ordinal)) << " AND lease_token = ";
    sql.bind(rows[0][1].value());
    // Only a holder that is certainly gone is taken over before its time.
    if (!rows[0][1].value().empty() && !is_gone(owner_from(rows[0][0].value()))) {
        sql << " AND lease_expires < " << dialect.now();
    }
    return session_.execute(sql.take()) == 1;
}

void Ranges::note_rhythm(const Held& held, const Rhythm& rhythm)
{
    Sql sql = update();
    sql << "rows_now = ";
    sql.bind(static_cast<long long>(rhythm.rows_now)) << ", p50_us = ";
    sql.bind(static_cast<long long>(rhythm.p50_us)) << ", p99_us = ";
    sql.bind(static_cast<long long>(rhythm.p99_us));
    append_held(sql, held);
    session_.execute(sql.take());
}

} // namespace sluice
