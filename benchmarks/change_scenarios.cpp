// What a change of the schema takes and what the application feels of it, against the plain
// statement; and what the triggers cost that keep two versions of the application in step.

#include "change.h"
#include "impact.h"
#include "impact_foreground.h"
#include "measure.h"
#include "scenarios.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice::bench {

namespace {

struct Wanted {
    std::string name;
    std::string declared; ///< the file
    /// The statements that do it at once, by engine.
    std::vector<std::string> postgresql;
    std::vector<std::string> mysql;
    std::vector<std::string> sqlite;
};

/// SQLite has no statement for it: its documentation's way, in one transaction.
std::vector<std::string> rebuilt(const std::string& columns)
{
    return {"BEGIN IMMEDIATE",
            "CREATE TABLE users_new (id integer PRIMARY KEY, created text, " + columns + ")",
            "INSERT INTO users_new SELECT id, created, user_name, email, n, amount, username FROM "
            "users",
            "DROP TABLE users",
            "ALTER TABLE users_new RENAME TO users",
            "COMMIT"};
}

std::vector<Wanted> wanted()
{
    const std::string rename = "ALTER TABLE users RENAME COLUMN created TO created_at";
    return {{.name = "a column renamed",
             .declared = "[[change]]\nkind = \"rename_column\"\ntable = \"users\"\n"
                         "from = \"created\"\nto = \"created_at\"\n",
             .postgresql = {rename},
             .mysql = {rename},
             .sqlite = {rename}},
            {.name = "another type",
             .declared = "[[change]]\nkind = \"change_column\"\ntable = \"users\"\ncolumn = \"n\"\n"
                         "type = { postgresql = \"bigint\", mysql = \"bigint\", sqlite = \"text\" "
                         "}\n",
             .postgresql = {"ALTER TABLE users ALTER COLUMN n TYPE bigint"},
             .mysql = {"ALTER TABLE users MODIFY n bigint"},
             .sqlite = rebuilt("user_name varchar(50) NOT NULL, email varchar(80), n text, amount "
                               "numeric(12,2), username varchar(50)")},
            {.name = "NOT NULL",
             .declared = "[[change]]\nkind = \"set_not_null\"\ntable = \"users\"\n"
                         "column = \"email\"\n",
             .postgresql = {"ALTER TABLE users ALTER COLUMN email SET NOT NULL"},
             .mysql = {"ALTER TABLE users MODIFY email varchar(80) NOT NULL"},
             .sqlite = rebuilt("user_name varchar(50) NOT NULL, email varchar(80) NOT NULL, n "
                               "integer, amount numeric(12,2), username varchar(50)")}};
}

const std::vector<std::string>& plain_statements(const Wanted& change, Engine engine)
{
    switch (engine) {
    case Engine::postgresql:
        return change.postgresql;
    case Engine::mysql:
        return change.mysql;
    case Engine::sqlite:
        break;
    }
    return change.sqlite;
}

void plainly(const Subject& subject, const Wanted& change)
{
    Session session(subject.url, {});
    wait_like_an_application(session);
    for (const std::string& statement : plain_statements(change, subject.url.engine)) {
        session.execute(statement);
    }
}

void changes(const Options& options)
{
    const Subject& subject = options.subject;
    fmt::print("{}, {} rows: {}\n\n", subject.url.display(), subject.rows, environment());
    std::vector<Variant> variants{{.name = "none", .job = {}}};
    const auto add = [&](const std::string& name, std::function<void()> job) {
        variants.push_back({.name = name, .job = std::move(job), .may_fail = true});
    };
    for (const Wanted& change : wanted()) {
        const std::string file = change.declared;
        add(change.name + ": sluice at default pace",
            [&subject, file] { Change(subject, file, default_pace(subject)).carry_out(); });
        add(change.name + ": sluice unthrottled",
            [&subject, file] { Change(subject, file, unthrottled_pace(subject)).carry_out(); });
        add(change.name + ": plain", [&subject, change] { plainly(subject, change); });
    }
    measure_impact(options, variants);
    Session session(subject.url, {});
    forget_sluice(session);
}

/// Triggers of a kind, and the statements that they have work with.
struct Triggers {
    std::string name;
    std::string declared;
    std::string column; ///< an UPDATE of which they have to carry
    std::string value;
};

std::vector<Triggers> triggers(Engine engine)
{
    const std::string number = engine == Engine::sqlite ? "integer" : "bigint";
    return {
        {.name = "a column renamed",
         .declared = "[[change]]\nkind = \"rename_column\"\ntable = \"users\"\n"
                     "from = \"user_name\"\nto = \"display_name\"\n",
         .column = "user_name",
         .value = "upper(user_name)"},
        {.name = "another type",
         .declared = "[[change]]\nkind = \"change_column\"\ntable = \"users\"\ncolumn = \"n\"\n"
                     "type = { postgresql = \"bigint\", mysql = \"bigint\", sqlite = \"text\" }\n",
         .column = "n",
         .value = "n + 1"},
        {.name = "a successor",
         .declared =
             fmt::format("[[change]]\nkind = \"copy_table\"\ntable = \"users\"\nto = \"accounts\"\n"
                         "primary_key = [\"id\"]\ncolumns = [\n"
                         "{{ name = \"id\", type = \"{}\" }},\n"
                         "{{ name = \"user_name\", type = \"varchar(50)\" }},\n"
                         "{{ name = \"email\", type = \"varchar(80)\" }},\n"
                         "{{ name = \"n\", type = \"{}\" }}]\n",
                         number, engine == Engine::sqlite ? "integer" : "int"),
         .column = "n",
         .value = "n + 1"},
        {.name = "a table split",
         .declared = "[[change]]\nkind = \"split_table\"\ntable = \"users\"\ninto = "
                     "\"accounts\"\ncolumns = [\"n\"]\n",
         .column = "n",
         .value = "n + 1"},
    };
}

constexpr long long statements_each = 200;

/// Seconds of statements over so many rows each.
struct Speeds {
    double update_other = 0;
    double update = 0;
    double insert = 0;
};

std::string insertion(long long first, long long rows)
{
    std::string text = "INSERT INTO users (id, user_name, email, n, amount) VALUES ";
    for (long long id = first; id < first + rows; ++id) {
        text += fmt::format("{}({}, 'User', 'u@example.com', 0, 0)", id == first ? "" : ", ", id);
    }
    return text;
}

Speeds measure(const Subject& subject, const Triggers& kind)
{
    Session session(subject.url, {});
    const long long rows = subject.batch_rows;
    const auto update = [&](const std::string& column, const std::string& value) {
        return seconds_of([&] {
            for (long long n = 0; n < statements_each; ++n) {
                session.execute(fmt::format("UPDATE users SET {} = {} WHERE id > {} AND id <= {}",
                                            column, value, n * rows, (n + 1) * rows));
            }
        });
    };
    Speeds speeds;
    speeds.update_other = update("amount", "amount + 1");
    speeds.update = update(kind.column, kind.value);
    speeds.insert = seconds_of([&] {
        for (long long n = 0; n < statements_each; ++n) {
            session.execute(insertion(subject.rows + n * rows + 1, rows));
        }
    });
    return speeds;
}

void drop_second_table(const Subject& subject)
{
    Session session(subject.url, {});
    session.execute("DROP TABLE IF EXISTS accounts");
}

void print_cost(const std::string& kind, const std::string& statement,
                const std::vector<double>& without, const std::vector<double>& with, double rows)
{
    std::vector<double> shares;
    for (std::size_t n = 0; n < with.size(); ++n) {
        shares.push_back(without[n] / with[n]);
    }
    fmt::print("| {} | {} | {:.0f} | {:.0f} | {:.2f} [{:.2f}, {:.2f}] |\n", kind, statement,
               rows / median(without), rows / median(with), median(shares),
               *std::min_element(shares.begin(), shares.end()),
               *std::max_element(shares.begin(), shares.end()));
}

void measure_triggers(const Options& options, const Triggers& kind)
{
    const Subject& subject = options.subject;
    std::vector<Speeds> without;
    std::vector<Speeds> with;
    for (int n = 0; n < options.rounds; ++n) {
        drop_second_table(subject);
        make_users(subject);
        without.push_back(measure(subject, kind));
        make_users(subject);
        Change(subject, kind.declared, unthrottled_pace(subject)).expand();
        with.push_back(measure(subject, kind));
    }
    const auto of = [](const std::vector<Speeds>& all, double Speeds::*which) {
        std::vector<double> values;
        for (const Speeds& speeds : all) {
            values.push_back(speeds.*which);
        }
        return values;
    };
    const auto rows = static_cast<double>(statements_each * subject.batch_rows);
    const auto print = [&](const std::string& statement, double Speeds::*which) {
        print_cost(kind.name, statement, of(without, which), of(with, which), rows);
    };
    print("UPDATE of another column", &Speeds::update_other);
    print("UPDATE of the column", &Speeds::update);
    print("INSERT", &Speeds::insert);
}

void trigger_costs(const Options& options)
{
    const Subject& subject = options.subject;
    fmt::print("{}, {} rows a statement, {} statements: {}\n\n| triggers of | statement | rows/s "
               "without | with | share of the speed: median [least, most] of {} rounds "
               "|\n|---|---|---|---|---|\n",
               subject.url.display(), subject.batch_rows, statements_each, environment(),
               options.rounds);
    for (const Triggers& kind : triggers(subject.url.engine)) {
        measure_triggers(options, kind);
    }
    drop_second_table(subject);
    Session session(subject.url, {});
    forget_sluice(session);
}

} // namespace

std::vector<Scenario> change_scenarios()
{
    return {
        {"changes", "a rename, another type and NOT NULL against plain ALTER TABLE", changes},
        {"triggers", "what the triggers cost that keep old and new in step", trigger_costs},
    };
}

} // namespace sluice::bench
