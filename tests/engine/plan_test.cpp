// The plans of the golden files, carried out statement by statement on the real server: what a plan
// says must be what the server takes, and the way back must lead where it began.

#include "sluice/core/error.h"
#include "sluice/db/catalog.h"
#include "sluice/plan/planner.h"
#include "support/database.h"
#include "support/rendered.h"
#include "support/sample_plans.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace sluice;
using sluice::test::by_engine;

namespace {

const std::string columns =
    "email varchar(50) NOT NULL, user_name varchar(50) NOT NULL, full_name text, "
    "status varchar(50) DEFAULT 'new' NOT NULL, credit integer DEFAULT 0, visits integer NOT NULL, "
    "city varchar(50), ";

const std::string indexes = "CREATE INDEX customers_city_user_name ON customers (city, user_name);"
                            "CREATE UNIQUE INDEX customers_email ON customers (email);";

std::string schema()
{
    return by_engine(
        "CREATE SCHEMA sluice; CREATE TABLE customers (id bigint PRIMARY KEY, " + columns +
            "updated_at timestamptz DEFAULT now());" + indexes +
            "CREATE INDEX customers_full_name ON customers (full_name);"
            "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "NEW.updated_at := now(); RETURN NEW; END $$;"
            "CREATE TRIGGER customers_touch BEFORE UPDATE ON customers FOR EACH ROW EXECUTE "
            "FUNCTION touch();",
        "CREATE TABLE customers (id bigint PRIMARY KEY, " + columns +
            "updated_at datetime DEFAULT current_timestamp);" + indexes +
            "CREATE INDEX customers_full_name ON customers (full_name(40));"
            "CREATE TRIGGER customers_touch BEFORE UPDATE ON customers FOR EACH ROW SET "
            "NEW.updated_at = now();",
        "CREATE TABLE customers (id INTEGER PRIMARY KEY, " + columns +
            "updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);" + indexes +
            "CREATE INDEX customers_full_name ON customers (full_name);"
            "CREATE TRIGGER customers_touch AFTER UPDATE OF status ON customers BEGIN UPDATE "
            "customers SET updated_at = CURRENT_TIMESTAMP WHERE id = NEW.id; END;");
}

const std::string notes =
    "CREATE TABLE notes (id bigint NOT NULL PRIMARY KEY, text varchar(50)); INSERT "
    "INTO notes VALUES (1, 'one'), (2, NULL);";

const std::string rows = "INSERT INTO customers (id, email, user_name, full_name, credit, visits, "
                         "city) VALUES (1, 'a@x', 'Ann', 'Ann Lee', 5, 0, 'Ulm'), "
                         "(2, 'b@x', 'bob', NULL, NULL, 7, 'Bern'), "
                         "(3, 'c@x', '', 'Zoë', -3, 12, 'Riga');";

const std::string orders =
    "CREATE TABLE orders (id bigint NOT NULL PRIMARY KEY, customer_id bigint NOT NULL, note text, "
    "CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES customers (id));";

std::string tickets()
{
    return "CREATE TABLE tickets (id " + by_engine("serial", "int AUTO_INCREMENT", "INTEGER") +
           " PRIMARY KEY, title varchar(50));"
           "CREATE TABLE ticket_notes (id bigint NOT NULL PRIMARY KEY, ticket_id int NOT NULL, "
           "text "
           "varchar(50), CONSTRAINT ticket_notes_of FOREIGN KEY (ticket_id) REFERENCES tickets "
           "(id) "
           "ON DELETE CASCADE);"
           "CREATE INDEX ticket_notes_ticket ON ticket_notes (ticket_id);"
           "INSERT INTO tickets (title) VALUES ('one'), ('two');"
           "INSERT INTO ticket_notes VALUES (1, 1, 'of one'), (2, 2, 'of two');";
}

std::string parcels()
{
    const std::string state =
        by_engine("parcel_state", "ENUM('new', 'paid', 'sent')", "VARCHAR(10)");
    return by_engine("CREATE TYPE parcel_state AS ENUM ('new', 'paid', 'sent');", "", "") +
           "CREATE TABLE parcels (id bigint NOT NULL PRIMARY KEY, code varchar(50) NOT NULL, "
           "state " +
           state +
           " NOT NULL DEFAULT 'new', CONSTRAINT parcels_code UNIQUE (code));"
           "INSERT INTO parcels VALUES (1, 'a', 'new'), (2, 'b', 'sent');";
}

std::string writers()
{
    return "CREATE TABLE writers (id bigint NOT NULL PRIMARY KEY, name varchar(50));"
           "CREATE TABLE writings (id bigint NOT NULL PRIMARY KEY, writer_id bigint NOT NULL, "
           "title varchar(50), CONSTRAINT writings_writer FOREIGN KEY (writer_id) REFERENCES "
           "writers (id) ON DELETE CASCADE);"
           "INSERT INTO writers VALUES (1, 'a'), (2, 'b');"
           "INSERT INTO writings VALUES (1, 1, ''), (2, 1, ''), (3, 2, '');";
}

/// A plan on a database of its own.
class Life {
public:
    explicit Life(const test::SamplePlan& sample) : session_(prepared().open())
    {
        before_ = customers();
        const Migration migration = test::migration_of(sample);
        for (const SyntaxProbe& probe : syntax_probes(migration, catalog_, session_.dialect())) {
            check(probe);
        }
        plan_ = make_plan(migration, catalog_, session_.dialect());
    }

    void run(Phase phase)
    {
        for (const Action& action : plan_.actions) {
            if (action.phase == phase) {
                CAPTURE(action.summary);
                std::visit([&](const auto& work) { carry_out(action, work); }, action.work);
            }
        }
    }

    void undo(Phase phase)
    {
        for (auto action = plan_.actions.rbegin(); action != plan_.actions.rend(); ++action) {
            if (action->phase == phase && action->undo) {
                CAPTURE(action->summary);
                test::undo(session_, {rendered(*action)});
            }
        }
    }

    [[nodiscard]] bool can_go_back() const
    {
        return std::none_of(plan_.actions.begin(), plan_.actions.end(), [](const Action& action) {
            return action.irreversible && action.phase != Phase::purge;
        });
    }

    [[nodiscard]] Table customers()
    {
        catalog_ = read_catalog(session_);
        return *catalog_.find({.schema = {}, .name = "customers"});
    }

    [[nodiscard]] const Table& before() const { return before_; }

    [[nodiscard]] Session& session() { return session_; }

private:
    const test::TestDatabase& prepared()
    {
        database_.run(schema());
        database_.run(orders);
        database_.run(notes);
        database_.run(tickets());
        database_.run(parcels() + writers());
        database_.run(rows);
        return database_;
    }

    void check(const SyntaxProbe& probe)
    {
        CAPTURE(probe.what);
        CAPTURE(probe.sql);
        try {
            session_.check_syntax(probe.sql);
        } catch (const Error& error) {
            CAPTURE(error.message);
            const bool is_expected =
                error.details.cause == Cause::unknown_object &&
                std::any_of(probe.made_by_plan.begin(), probe.made_by_plan.end(),
                            [&](const std::string& name) {
                                return error.message.find(name) != std::string::npos;
                            });
            CHECK(is_expected);
        }
    }

    static Rendered rendered(const Action& action)
    {
        Rendered same{.summary = action.summary, .tables = action.tables};
        if (const auto* work = std::get_if<SchemaWork>(&action.work)) {
            same.mode = work->mode;
            same.steps = work->steps;
        }
        if (action.undo) {
            same.undo_mode = action.undo->mode;
            same.undo = action.undo->steps;
        }
        return same;
    }

    void carry_out(const Action& action, const SchemaWork& /*in the action*/)
    {
        test::apply(session_, {rendered(action)});
    }

    void carry_out(const Action& /*has no more*/, const BackfillWork& work)
    {
        const Dialect& dialect = session_.dialect();
        if (work.kind == BackfillKind::remove) {
            session_.execute("DELETE FROM " + dialect.quote(work.table) + " WHERE " +
                             work.needs_work);
            return;
        }
        if (work.into) {
            const InsertFrame frame = dialect.insert_missing({.source = work.table,
                                                              .target = *work.into,
                                                              .set = work.set,
                                                              .target_key = work.into_key});
            session_.execute(frame.before + " FROM " + dialect.quote(work.table) +
                             " WHERE 1 = 1 ORDER BY " + dialect.quote(work.key[0].name) +
                             frame.after);
            return;
        }
        std::string set;
        for (const auto& [column, value] : work.set) {
            set += (set.empty() ? "" : ", ") + dialect.quote(column) + " = " + value;
        }
        session_.execute("UPDATE " + dialect.quote(work.table) + " SET " + set + " WHERE " +
                         work.needs_work);
        CHECK(count(work.table, work.needs_work) == "0");
    }

    void carry_out(const Action& /*has no more*/, const VerifyWork& work)
    {
        CAPTURE(work.expect);
        CHECK(count(work.table, "(" + work.expect + ") IS NOT TRUE") == "0");
    }

    std::string count(const TableName& table, const std::string& where)
    {
        return session_
            .query("SELECT count(*) FROM " + session_.dialect().quote(table) + " WHERE " +
                   where)[0][0]
            .value_or("NULL");
    }

    test::TestDatabase database_;
    Session session_;
    Catalog catalog_;
    Table before_;
    Plan plan_;
};

std::string differing(const Table& expected, const Table& found)
{
    std::string lines;
    for (const std::string& line : differences(expected, found)) {
        lines += line + "\n";
    }
    return lines;
}

} // namespace

TEST_CASE("every sample plan runs, goes back phase by phase, runs again, and is purged")
{
    for (const test::SamplePlan& sample : test::sample_plans_for(name_of(test::engine()))) {
        CAPTURE(sample.name);
        Life life(sample);
        const auto forward = [&] {
            life.run(Phase::expand);
            life.run(Phase::migrate);
            life.run(Phase::contract);
        };
        forward();
        if (life.can_go_back()) {
            const Table contracted = life.customers();
            life.undo(Phase::contract);
            life.run(Phase::contract);
            CHECK(differing(contracted, life.customers()) == "");
            life.undo(Phase::contract);
            life.undo(Phase::migrate);
            life.undo(Phase::expand);
            CHECK(differing(life.before(), life.customers()) == "");
            forward();
        }
        life.run(Phase::purge);
        for (const Column& column : life.customers().columns) {
            CHECK(column.name.rfind("sluice_", 0) == std::string::npos);
        }
    }
}
