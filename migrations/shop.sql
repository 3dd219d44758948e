-- The music shop that the worked series in this folder changes. The same text for PostgreSQL, MySQL, MariaDB and SQLite.

CREATE TABLE customers (
    id         integer      NOT NULL PRIMARY KEY,
    user_name  varchar(80)  NOT NULL,
    full_name  varchar(500),
    email      varchar(255),
    company    varchar(200),
    country    varchar(60),
    fax        varchar(40)  NOT NULL DEFAULT '',
    created_on date         NOT NULL
);

CREATE UNIQUE INDEX customers_user_name ON customers (user_name);
CREATE INDEX customers_country ON customers (country);

CREATE TABLE invoices (
    id          integer        NOT NULL PRIMARY KEY,
    customer_id integer        NOT NULL,
    total       decimal(10, 2) NOT NULL,
    issued_on   date           NOT NULL,
    FOREIGN KEY (customer_id) REFERENCES customers (id)
);

CREATE INDEX invoices_customer_id ON invoices (customer_id);

CREATE TABLE playlist_track (
    playlist_id integer NOT NULL,
    track_id    integer NOT NULL,
    plays       integer,
    PRIMARY KEY (playlist_id, track_id)
);
