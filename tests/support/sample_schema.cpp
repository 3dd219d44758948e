#include "support/sample_schema.h"

#include <stdexcept>

namespace sluice::test {

namespace {

constexpr int sample_rows = 20;

std::string postgresql_tables()
{
    return R"sql(
CREATE TABLE customers (id bigint PRIMARY KEY, email varchar(50) NOT NULL,
    user_name varchar(50) NOT NULL, full_name text, status varchar(50) NOT NULL DEFAULT 'new',
    credit integer DEFAULT 0, visits integer NOT NULL, city varchar(50),
    updated_at timestamptz DEFAULT now());
CREATE INDEX customers_city_user_name ON customers (city, user_name);
CREATE UNIQUE INDEX customers_email ON customers (email);
CREATE INDEX customers_full_name ON customers (full_name);
CREATE OR REPLACE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS
    $body$ BEGIN NEW.updated_at := now(); RETURN NEW; END $body$;
CREATE TRIGGER customers_touch BEFORE UPDATE ON customers FOR EACH ROW EXECUTE FUNCTION touch();
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint NOT NULL
    CONSTRAINT orders_customer REFERENCES customers (id), note text);
CREATE TABLE notes (id bigint PRIMARY KEY, text varchar(50));
CREATE TYPE parcel_state AS ENUM ('new', 'paid', 'sent');
CREATE TABLE parcels (id bigint PRIMARY KEY, code varchar(50) NOT NULL
    CONSTRAINT parcels_code UNIQUE, state parcel_state NOT NULL DEFAULT 'new');
CREATE TABLE tickets (id serial PRIMARY KEY, title varchar(50));
CREATE TABLE ticket_notes (id bigint PRIMARY KEY, ticket_id integer NOT NULL
    CONSTRAINT ticket_notes_of REFERENCES tickets (id) ON DELETE CASCADE, text varchar(50));
CREATE INDEX ticket_notes_ticket ON ticket_notes (ticket_id);
CREATE TABLE writers (id bigint PRIMARY KEY, name varchar(50));
CREATE TABLE writings (id bigint PRIMARY KEY, writer_id bigint NOT NULL
    CONSTRAINT writings_writer REFERENCES writers (id) ON DELETE CASCADE, title varchar(50));
)sql";
}

std::string mysql_tables()
{
    return R"sql(
CREATE TABLE customers (id bigint PRIMARY KEY, email varchar(50) NOT NULL,
    user_name varchar(50) NOT NULL, full_name text, status varchar(50) NOT NULL DEFAULT 'new',
    credit int DEFAULT 0, visits int NOT NULL, city varchar(50),
    updated_at datetime DEFAULT current_timestamp(),
    INDEX customers_city_user_name (city, user_name), UNIQUE INDEX customers_email (email),
    INDEX customers_full_name (full_name(40))) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TRIGGER customers_touch BEFORE UPDATE ON customers FOR EACH ROW SET NEW.updated_at = now();
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint NOT NULL, note text,
    CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES customers (id)) ENGINE=InnoDB;
CREATE TABLE notes (id bigint PRIMARY KEY, text varchar(50)) ENGINE=InnoDB;
CREATE TABLE parcels (id bigint PRIMARY KEY, code varchar(50) NOT NULL,
    state ENUM('new', 'paid', 'sent') NOT NULL DEFAULT 'new',
    CONSTRAINT parcels_code UNIQUE (code)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE tickets (id int AUTO_INCREMENT PRIMARY KEY, title varchar(50)) ENGINE=InnoDB;
CREATE TABLE ticket_notes (id bigint PRIMARY KEY, ticket_id int NOT NULL, text varchar(50),
    INDEX ticket_notes_ticket (ticket_id), CONSTRAINT ticket_notes_of FOREIGN KEY (ticket_id)
    REFERENCES tickets (id) ON DELETE CASCADE) ENGINE=InnoDB;
CREATE TABLE writers (id bigint PRIMARY KEY, name varchar(50)) ENGINE=InnoDB;
CREATE TABLE writings (id bigint PRIMARY KEY, writer_id bigint NOT NULL, title varchar(50),
    CONSTRAINT writings_writer FOREIGN KEY (writer_id) REFERENCES writers (id) ON DELETE CASCADE)
    ENGINE=InnoDB;
)sql";
}

std::string sqlite_tables()
{
    return R"sql(
CREATE TABLE customers (id INTEGER PRIMARY KEY, email VARCHAR(50) NOT NULL,
    user_name VARCHAR(50) NOT NULL, full_name TEXT, status VARCHAR(50) NOT NULL DEFAULT 'new',
    credit INTEGER DEFAULT 0, visits INTEGER NOT NULL, city VARCHAR(50),
    updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
CREATE INDEX customers_city_user_name ON customers (city, user_name);
CREATE UNIQUE INDEX customers_email ON customers (email);
CREATE INDEX customers_full_name ON customers (full_name);
CREATE TRIGGER customers_touch AFTER UPDATE OF city ON customers BEGIN
    UPDATE customers SET updated_at = CURRENT_TIMESTAMP WHERE id = NEW.id; END;
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, note TEXT,
    CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES customers (id));
CREATE TABLE notes (id bigint NOT NULL PRIMARY KEY, text varchar(50));
CREATE TABLE parcels (id bigint NOT NULL PRIMARY KEY, code VARCHAR(50) NOT NULL,
    state VARCHAR(10) NOT NULL DEFAULT 'new', CONSTRAINT parcels_code UNIQUE (code));
CREATE TABLE tickets (id INTEGER PRIMARY KEY, title VARCHAR(50));
CREATE TABLE ticket_notes (id INTEGER PRIMARY KEY, ticket_id INTEGER NOT NULL, text VARCHAR(50),
    CONSTRAINT ticket_notes_of FOREIGN KEY (ticket_id) REFERENCES tickets (id) ON DELETE CASCADE);
CREATE INDEX ticket_notes_ticket ON ticket_notes (ticket_id);
CREATE TABLE writers (id bigint NOT NULL PRIMARY KEY, name VARCHAR(50));
CREATE TABLE writings (id bigint NOT NULL PRIMARY KEY, writer_id bigint NOT NULL,
    title VARCHAR(50), CONSTRAINT writings_writer FOREIGN KEY (writer_id) REFERENCES writers (id)
    ON DELETE CASCADE);
)sql";
}

std::string tables_of(Engine engine)
{
    switch (engine) {
    case Engine::postgresql:
        return postgresql_tables();
    case Engine::mysql:
        return mysql_tables();
    case Engine::sqlite:
        return sqlite_tables();
    }
    throw std::logic_error("unknown engine");
}

} // namespace

std::string sample_schema(Engine engine)
{
    std::string customers;
    std::string orders;
    for (int n = 1; n <= sample_rows; ++n) {
        const std::string id = std::to_string(n);
        const std::string comma = n == 1 ? "" : ", ";
        customers += comma + "(" + id + ", 'C" + id + "@example.com', 'user " + id + "', 'Full " +
                     id + "', " + id + ", " + id + ", 'City " + id + "')";
        orders += comma + "(" + id + ", " + id + ", 'note')";
    }
    return tables_of(engine) +
           "INSERT INTO customers (id, email, user_name, full_name, credit, visits, city) VALUES " +
           customers + "; INSERT INTO orders (id, customer_id, note) VALUES " + orders +
           "; INSERT INTO parcels (id, code, state) VALUES (1, 'a', 'new'), (2, 'b', 'paid'), (3, "
           "'c', 'sent'); INSERT INTO writers (id, name) VALUES (1, 'a'), (2, 'b'); INSERT INTO "
           "writings (id, writer_id, title) VALUES (1, 1, ''), (2, 1, ''), (3, 2, '');";
}

} // namespace sluice::test
