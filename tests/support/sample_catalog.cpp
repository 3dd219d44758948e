#include "support/sample_catalog.h"

#include <stdexcept>

namespace sluice::test {
namespace {

/// What differs by engine in the sample.
struct Words {
    std::string schema;
    std::string short_text;
    std::string long_text;
    std::string integer;
    std::string big;
    std::string time;
    std::string now;
    std::string storage;
    std::string charset;
    std::string collation;
};

Words words_of(Engine engine)
{
    switch (engine) {
    case Engine::postgresql:
        return {.schema = "public",
                .short_text = "character varying(50)",
                .long_text = "text",
                .integer = "integer",
                .big = "bigint",
                .time = "timestamp with time zone",
                .now = "now()"};
    case Engine::mysql:
        return {.short_text = "varchar(50)",
                .long_text = "text",
                .integer = "int(11)",
                .big = "bigint(20)",
                .time = "datetime",
                .now = "current_timestamp()",
                .storage = "InnoDB",
                .charset = "utf8mb4",
                .collation = "utf8mb4_general_ci"};
    case Engine::sqlite:
        return {.short_text = "VARCHAR(50)",
                .long_text = "TEXT",
                .integer = "INTEGER",
                .big = "INTEGER",
                .time = "TIMESTAMP",
                .now = "CURRENT_TIMESTAMP"};
    }
    throw std::logic_error("unknown engine");
}

Index index_over(const std::string& name, const std::vector<std::string>& columns)
{
    Index index{.name = name, .method = "btree"};
    for (const std::string& column : columns) {
        index.parts.push_back({.column = column});
    }
    return index;
}

Column required(Column column)
{
    column.nullable = false;
    return column;
}

Column with_default(Column column, const std::string& sql)
{
    column.default_sql = sql;
    return column;
}

Trigger touch_trigger(Engine engine)
{
    if (engine == Engine::mysql) {
        return {.name = "customers_touch",
                .timing = "BEFORE",
                .event = "UPDATE",
                .body = "SET NEW.updated_at = NOW()"};
    }
    if (engine == Engine::sqlite) {
        return {.name = "customers_touch",
                .timing = "AFTER",
                .event = "UPDATE",
                .body = "CREATE TRIGGER customers_touch AFTER UPDATE OF city ON customers BEGIN "
                        "UPDATE customers SET updated_at = CURRENT_TIMESTAMP WHERE id = NEW.id; "
                        "END"};
    }
    return {.name = "customers_touch",
            .timing = "BEFORE",
            .event = "UPDATE",
            .body = "CREATE TRIGGER customers_touch BEFORE UPDATE ON public.customers FOR EACH ROW "
                    "EXECUTE FUNCTION touch()"};
}

Table customers_table(const Dialect& dialect)
{
    const Words words = words_of(dialect.server().engine);
    const auto column = [&](const std::string& name, const std::string& type) {
        return column_of(dialect, name, type);
    };
    Table table{.name = {.schema = words.schema, .name = "customers"}};
    table.columns = {required(column("id", words.big)),
                     required(column("email", words.short_text)),
                     required(column("user_name", words.short_text)),
                     column("full_name", words.long_text),
                     with_default(required(column("status", words.short_text)), "'new'"),
                     with_default(column("credit", words.integer), "0"),
                     required(column("visits", words.integer)),
                     column("city", words.short_text),
                     with_default(column("updated_at", words.time), words.now)};
    table.primary_key = {"id"};
    table.indexes = {index_over("customers_city_user_name", {"city", "user_name"}),
                     index_over("customers_email", {"email"}),
                     index_over("customers_full_name", {"full_name"})};
    table.indexes[1].unique = true;
    if (dialect.server().engine == Engine::mysql) {
        table.indexes[2].parts[0].prefix = 40;
    }
    if (dialect.server().engine == Engine::sqlite) { // knows one method, and does not name it
        for (Index& index : table.indexes) {
            index.method.clear();
        }
    }
    table.triggers = {touch_trigger(dialect.server().engine)};
    table.storage = words.storage;
    table.collation = words.collation;
    return table;
}

Table orders_table(const Dialect& dialect)
{
    const Words words = words_of(dialect.server().engine);
    Table table{.name = {.schema = words.schema, .name = "orders"}};
    table.columns = {required(column_of(dialect, "id", words.big)),
                     required(column_of(dialect, "customer_id", words.big)),
                     column_of(dialect, "note", words.long_text)};
    table.primary_key = {"id"};
    table.foreign_keys = {{.name = "orders_customer",
                           .columns = {"customer_id"},
                           .referenced = {.schema = words.schema, .name = "customers"},
                           .referenced_columns = {"id"}}};
    table.storage = words.storage;
    table.collation = words.collation;
    return table;
}

/// What numbers itself, and is of a type that may run out.
Column number_column(const Dialect& dialect)
{
    const Words words = words_of(dialect.server().engine);
    Column column = required(column_of(dialect, "id", words.integer));
    if (dialect.server().engine == Engine::postgresql) {
        column.default_sql = "nextval('tickets_id_seq'::regclass)";
        column.sequences = {{.name = {.schema = words.schema, .name = "tickets_id_seq"},
                             .type = words.integer,
                             .is_owned = true,
                             .identity = {},
                             .options = "START WITH 1 INCREMENT BY 1 CACHE 1"}};
    } else {
        column.is_identity = true;
    }
    return column;
}

Table tickets_table(const Dialect& dialect)
{
    const Words words = words_of(dialect.server().engine);
    Table table{.name = {.schema = words.schema, .name = "tickets"}};
    table.columns = {number_column(dialect), column_of(dialect, "title", words.short_text)};
    table.primary_key = {"id"};
    table.referenced_by = {{.name = "ticket_notes_of",
                            .columns = {"id"},
                            .referenced = {.schema = words.schema, .name = "ticket_notes"},
                            .referenced_columns = {"ticket_id"},
                            .on_delete = "CASCADE"}};
    table.storage = words.storage;
    table.collation = words.collation;
    return table;
}

Table ticket_notes_table(const Dialect& dialect)
{
    const Words words = words_of(dialect.server().engine);
    Table table{.name = {.schema = words.schema, .name = "ticket_notes"}};
    table.columns = {required(column_of(dialect, "id", words.big)),
                     required(column_of(dialect, "ticket_id", words.integer)),
                     column_of(dialect, "text", words.short_text)};
    table.primary_key = {"id"};
    table.indexes = {index_over("ticket_notes_ticket", {"ticket_id"})};
    table.foreign_keys = {{.name = "ticket_notes_of",
                           .columns = {"ticket_id"},
                           .referenced = {.schema = words.schema, .name = "tickets"},
                           .referenced_columns = {"id"},
                           .on_delete = "CASCADE"}};
    table.storage = words.storage;
    table.collation = words.collation;
    return table;
}

std::string state_type(Engine engine)
{
    switch (engine) {
    case Engine::postgresql:
        return "parcel_state";
    case Engine::mysql:
        return "enum('new','paid','sent')";
    case Engine::sqlite:
        return "VARCHAR(10)";
    }
    throw std::logic_error("unknown engine");
}

/// A UNIQUE constraint, and a column of enumerated values.
Table parcels_table(const Dialect& dialect)
{
    const Engine engine = dialect.server().engine;
    const Words words = words_of(engine);
    Table table{.name = {.schema = words.schema, .name = "parcels"}};
    Column state = with_default(required(column_of(dialect, "state", state_type(engine))), "'new'");
    Index unique = index_over("parcels_code", {"code"});
    unique.unique = true;
    unique.is_constraint = engine != Engine::mysql; // where it is an index and no more
    if (engine == Engine::postgresql) {
        state.type.family = TypeFamily::enumeration;
        state.default_sql = "'new'::parcel_state";
    } else if (engine == Engine::sqlite) {
        unique.name = "sqlite_autoindex_parcels_1";
        unique.method.clear();
        unique.definition = "UNIQUE (…)";
        unique.known_as = "parcels_code";
    } else {
        state.charset = words.charset;
        state.collation = words.collation;
    }
    table.columns = {required(column_of(dialect, "id", words.big)),
                     required(column_of(dialect, "code", words.short_text)), state};
    table.primary_key = {"id"};
    table.indexes = {unique};
    table.storage = words.storage;
    table.collation = words.collation;
    table.estimated_rows = 2000;
    return table;
}

/// As the catalog of PostgreSQL tells it.
void add_key_index(Table& table)
{
    table.key_index = index_over(table.name.name + "_pkey", table.primary_key);
    table.key_index.unique = true;
    table.key_index.is_constraint = true;
}

/// What nothing else refers to.
Table notes_table(const Dialect& dialect)
{
    const Words words = words_of(dialect.server().engine);
    Table table{.name = {.schema = words.schema, .name = "notes"}};
    table.columns = {required(column_of(dialect, "id", words.big)),
                     column_of(dialect, "text", words.long_text)};
    table.primary_key = {"id"};
    table.storage = words.storage;
    table.collation = words.collation;
    return table;
}

Table writers_table(const Dialect& dialect)
{
    const Words words = words_of(dialect.server().engine);
    Table table{.name = {.schema = words.schema, .name = "writers"}};
    table.columns = {required(column_of(dialect, "id", "bigint")),
                     column_of(dialect, "name", words.short_text)};
    table.primary_key = {"id"};
    table.referenced_by = {{.name = "writings_writer",
                            .columns = {"id"},
                            .referenced = {.schema = words.schema, .name = "writings"},
                            .referenced_columns = {"writer_id"},
                            .on_delete = "CASCADE"}};
    table.storage = words.storage;
    table.collation = words.collation;
    return table;
}

Table writings_table(const Dialect& dialect)
{
    const Words words = words_of(dialect.server().engine);
    Table table{.name = {.schema = words.schema, .name = "writings"}};
    table.columns = {required(column_of(dialect, "id", "bigint")),
                     required(column_of(dialect, "writer_id", "bigint")),
                     column_of(dialect, "title", words.short_text)};
    table.primary_key = {"id"};
    table.foreign_keys = {{.name = "writings_writer",
                           .columns = {"writer_id"},
                           .referenced = {.schema = words.schema, .name = "writers"},
                           .referenced_columns = {"id"},
                           .on_delete = "CASCADE"}};
    table.storage = words.storage;
    table.collation = words.collation;
    return table;
}

} // namespace

std::unique_ptr<Dialect> dialect_of(const std::string& engine)
{
    if (engine == "postgresql") {
        return make_dialect({.engine = Engine::postgresql, .is_mariadb = false, .version = 150000});
    }
    if (engine == "mysql") {
        return make_dialect({.engine = Engine::mysql, .is_mariadb = true, .version = 101100});
    }
    return make_dialect({.engine = Engine::sqlite, .is_mariadb = false, .version = 3040001});
}

const std::vector<std::string>& all_engines()
{
    static const std::vector<std::string> engines{"postgresql", "mysql", "sqlite"};
    return engines;
}

Column column_of(const Dialect& dialect, const std::string& name, const std::string& type)
{
    Column column{.name = name, .type = dialect.parse_type(type)};
    if (column.type.family == TypeFamily::text) {
        const Words words = words_of(dialect.server().engine);
        column.charset = words.charset;
        column.collation = words.collation;
    }
    return column;
}

Catalog sample_catalog(const Dialect& dialect)
{
    Table customers = customers_table(dialect);
    const Table orders = orders_table(dialect);
    ForeignKey referring = orders.foreign_keys[0];
    referring.referenced = orders.name;
    referring.columns = {"id"};
    referring.referenced_columns = {"customer_id"};
    customers.referenced_by = {referring};
    Catalog catalog{.tables = {customers, notes_table(dialect), orders, parcels_table(dialect),
                               ticket_notes_table(dialect), tickets_table(dialect),
                               writers_table(dialect), writings_table(dialect)}};
    if (dialect.server().engine == Engine::postgresql) {
        catalog.enums = {{.name = {.schema = customers.name.schema, .name = "parcel_state"},
                          .sql = "parcel_state",
                          .values = {"new", "paid", "sent"}}};
        for (Table& table : catalog.tables) {
            add_key_index(table);
        }
    }
    if (!customers.name.schema.empty()) {
        catalog.search_path = {customers.name.schema};
    }
    if (dialect.server().engine == Engine::mysql) {
        catalog.own_schema = "shop";
    }
    return catalog;
}

Table& customers(Catalog& catalog)
{
    return catalog.tables[0];
}

} // namespace sluice::test
