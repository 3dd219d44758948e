// One table with everything that a catalog can hold on PostgreSQL, each member checked.

#include "sluice/db/catalog.h"
#include "support/database.h"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

using namespace sluice;

namespace {

using Names = std::vector<std::string>;

const char* const schema = R"(
CREATE SCHEMA billing;
CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
CREATE TABLE billing.customer (id integer PRIMARY KEY);
CREATE TABLE "Order" (
  tenant bigint NOT NULL,
  id integer GENERATED ALWAYS AS IDENTITY,
  "User" character varying(50) COLLATE "C" NOT NULL DEFAULT 'it''s',
  mood mood DEFAULT 'happy',
  amount numeric(12,2) DEFAULT 0.0,
  twice numeric GENERATED ALWAYS AS (amount * 2) STORED,
  customer integer,
  small positive,
  tags text[],
  dropped text,
  created timestamp(3) with time zone DEFAULT now(),
  CONSTRAINT order_key PRIMARY KEY (tenant, id),
  CONSTRAINT "User_key" UNIQUE ("User", tenant),
  CONSTRAINT positive_amount CHECK (amount > 0 OR "User" = 'x'),
  CONSTRAINT to_customer FOREIGN KEY (customer) REFERENCES billing.customer
    ON DELETE SET NULL ON UPDATE CASCADE,
  CONSTRAINT no_overlap EXCLUDE USING btree (customer WITH =));
ALTER TABLE "Order" DROP COLUMN dropped;
COMMENT ON COLUMN "Order"."User" IS 'who';
CREATE INDEX partial_desc ON "Order" (amount DESC, created DESC NULLS LAST) INCLUDE (mood)
  WHERE amount > 10;
CREATE INDEX by_lower ON "Order" (lower("User") text_pattern_ops, "User" COLLATE "POSIX");
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS
  'BEGIN NEW.created := now(); RETURN NEW; END';
CREATE TRIGGER touch BEFORE INSERT OR UPDATE ON "Order" FOR EACH ROW EXECUTE FUNCTION touch();
CREATE VIEW names AS SELECT "User" AS name, amount FROM "Order" WHERE tenant > 0;
CREATE MATERIALIZED VIEW billing.moods AS SELECT mood FROM "Order";
CREATE TABLE parted (id integer, at date) PARTITION BY RANGE (at);
CREATE TABLE parted_2026 PARTITION OF parted FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE SCHEMA sluice;
CREATE TABLE sluice.run (id bigint);
)";

Type parsed(const Session& session, std::string_view type)
{
    return session.dialect().parse_type(type);
}

std::vector<Column> expected_columns(const Session& session)
{
    return {{.name = "tenant", .type = parsed(session, "bigint"), .nullable = false},
            {.name = "id",
             .type = parsed(session, "integer"),
             .nullable = false,
             .is_identity = true,
             .sequences = {{.name = {"public", "Order_id_seq"},
                            .type = "integer",
                            .is_owned = true,
                            .identity = "ALWAYS",
                            .options = "START WITH 1 INCREMENT BY 1 CACHE 1"}}},
            {.name = "User",
             .type = parsed(session, "varchar(50)"),
             .nullable = false,
             .default_sql = "'it''s'::character varying",
             .collation = "C",
             .comment = "who"},
            {.name = "mood",
             .type = {.sql = "mood", .family = TypeFamily::enumeration},
             .default_sql = "'happy'::mood"},
            {.name = "amount", .type = parsed(session, "numeric(12,2)"), .default_sql = "0.0"},
            {.name = "twice",
             .type = parsed(session, "numeric"),
             .generated = "(amount * (2)::numeric)"},
            {.name = "customer", .type = parsed(session, "integer")},
            {.name = "small", .type = {.sql = "positive", .family = TypeFamily::other}},
            {.name = "tags", .type = {.sql = "text[]", .family = TypeFamily::other}},
            {.name = "created", .type = parsed(session, "timestamptz(3)"), .default_sql = "now()"}};
}

std::vector<Index> expected_indexes()
{
    return {{.name = "User_key",
             .unique = true,
             .is_constraint = true,
             .method = "btree",
             .parts = {{.column = "User"}, {.column = "tenant"}},
             .definition = "CREATE UNIQUE INDEX \"User_key\" ON public.\"Order\" USING btree "
                           "(\"User\", tenant)"},
            {.name = "by_lower",
             .method = "btree",
             .parts = {{.expression = "lower(\"User\"::text)", .opclass = "text_pattern_ops"},
                       {.column = "User", .collation = "POSIX"}},
             .definition =
                 "CREATE INDEX by_lower ON public.\"Order\" USING btree "
                 "(lower((\"User\")::text) text_pattern_ops, \"User\" COLLATE \"POSIX\")"},
            {.name = "no_overlap",
             .is_constraint = true,
             .method = "btree",
             .parts = {{.column = "customer"}},
             .definition = "EXCLUDE USING btree (customer WITH =)"},
            {.name = "partial_desc",
             .method = "btree",
             .parts = {{.column = "amount", .descending = true},
                       {.column = "created", .descending = true, .nulls = "LAST"}},
             .included = {"mood"},
             .predicate = "(amount > (10)::numeric)",
             .definition = "CREATE INDEX partial_desc ON public.\"Order\" USING btree (amount "
                           "DESC, created DESC NULLS LAST) INCLUDE (mood) WHERE (amount > "
                           "(10)::numeric)"}};
}

const Table& table_in(const Catalog& catalog, const TableName& name)
{
    const Table* table = catalog.find(name);
    REQUIRE(table != nullptr);
    return *table;
}

} // namespace

TEST_CASE("PostgreSQL: every member of a table is read")
{
    if (test::engine() != Engine::postgresql) {
        return;
    }
    const test::TestDatabase database;
    database.run(schema);
    Session session = database.open();
    const Catalog catalog = read_catalog(session);
    const Table& order = table_in(catalog, {"", "Order"});
    CHECK(order.name == TableName{"public", "Order"});
    CHECK(order.kind == TableKind::plain);
    CHECK(order.columns == expected_columns(session));
    CHECK(order.primary_key == Names{"tenant", "id"});
    CHECK(order.indexes == expected_indexes());
    REQUIRE(order.checks.size() == 1);
    CHECK(order.checks[0].name == "positive_amount");
    CHECK(order.checks[0].columns == Names{"amount", "User"});
    REQUIRE(order.foreign_keys.size() == 1);
    CHECK(order.foreign_keys[0] ==
          ForeignKey{
              "to_customer", {"customer"}, {"billing", "customer"}, {"id"}, "CASCADE", "SET NULL"});
    REQUIRE(order.triggers.size() == 1);
    CHECK(order.triggers[0].timing == "BEFORE");
    CHECK(order.triggers[0].event == "INSERT OR UPDATE");
    CHECK(order.triggers[0].body.find("NEW.created := now()") != std::string::npos);
    REQUIRE(order.views.size() == 2);
    CHECK(order.views[0].name == TableName{"billing", "moods"});
    CHECK(order.views[0].columns == Names{"mood"});
    CHECK(order.views[1].name == TableName{"public", "names"});
    CHECK(order.views[1].columns == Names{"User", "amount", "tenant"});
}

TEST_CASE("PostgreSQL: kinds of tables are told apart, and what is not the user's is left out")
{
    if (test::engine() != Engine::postgresql) {
        return;
    }
    const test::TestDatabase database;
    database.run(schema);
    Session session = database.open();
    session.execute("CREATE TEMPORARY TABLE gone (id integer)");
    const Catalog catalog = read_catalog(session);
    Names names;
    for (const Table& table : catalog.tables) {
        names.push_back(display(table.name));
    }
    CHECK(names == Names{"billing.customer", "billing.moods", "public.Order", "public.names",
                         "public.parted", "public.parted_2026"});
    CHECK(table_in(catalog, {"", "parted"}).kind == TableKind::partitioned);
    CHECK(table_in(catalog, {"", "parted_2026"}).kind == TableKind::partition);
    CHECK(table_in(catalog, {"", "names"}).kind == TableKind::view);
    CHECK(catalog.find({"", "customer"}) == nullptr);
    CHECK(table_in(catalog, {"billing", "customer"}).referenced_by.size() == 1);
}

TEST_CASE("PostgreSQL: a failed concurrent build leaves an index that is not valid")
{
    if (test::engine() != Engine::postgresql) {
        return;
    }
    const test::TestDatabase database;
    database.run("CREATE TABLE t (a integer); INSERT INTO t VALUES (1), (1);");
    Session session = database.open();
    CHECK_THROWS(session.execute("CREATE UNIQUE INDEX CONCURRENTLY twice ON t (a)"));
    const Catalog catalog = read_catalog(session);
    REQUIRE(catalog.tables[0].indexes.size() == 1);
    CHECK_FALSE(catalog.tables[0].indexes[0].valid);
}
