-- The demo's data: 200,000 customers, 60,000 invoices and 20,000 playlist entries, the same at every run. Names have accents,
-- NULLs, empty and long ones. Reads migrations/shop.sql first.

CREATE TEMP TABLE first_names (n integer PRIMARY KEY, name text);
INSERT INTO first_names VALUES (0,'Ana'),(1,'Björn'),(2,'Chloé'),(3,'Đorđe'),(4,'Eiríkur'),(5,'François'),(6,'Gül'),(7,'Håkon'),
    (8,'Inês'),(9,'José María'),(10,'Kateřina'),(11,'Łukasz'),(12,'Mélanie'),(13,'Niño'),(14,'Øystein'),(15,'Păun'),(16,'雪');
CREATE TEMP TABLE last_names (n integer PRIMARY KEY, name text);
INSERT INTO last_names VALUES (0,'Almeida'),(1,'Brontë'),(2,'Çelik'),(3,'Dvořák'),(4,'Einarsdóttir'),(5,'Fernández'),(6,'Groß'),
    (7,'Hämäläinen'),(8,'O''Brien'),(9,'Jørgensen'),(10,'Kowalski'),(11,'van den Berg'),(12,'山田');

INSERT INTO customers (id, user_name, full_name, email, company, country, fax, created_on)
WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 200000)
SELECT numbers.n * 3,
       'user' || numbers.n,
       CASE WHEN numbers.n % 97 = 0 THEN NULL
            WHEN numbers.n % 101 = 0 THEN ''
            WHEN numbers.n % 5003 = 0 THEN first_names.name || ' ' || substr(replace(hex(zeroblob(120)), '0', 'Wolfe'), 1, 400)
            ELSE first_names.name || ' ' || last_names.name END,
       CASE WHEN numbers.n % 53 = 0 THEN NULL ELSE 'user' || numbers.n || '@example.org' END,
       CASE WHEN numbers.n % 3 = 0 THEN 'Company ' || (numbers.n % 700) END,
       substr('BRSEFRRSISFRTRNOPTESCZPLFRPENOROJP', 1 + 2 * (numbers.n % 17), 2),
       CASE WHEN numbers.n % 40 = 0 THEN '+49 30 ' || numbers.n ELSE '' END,
       date('2015-01-01', '+' || (numbers.n % 4000) || ' days')
FROM numbers
JOIN first_names ON first_names.n = numbers.n * 7 % 17
JOIN last_names ON last_names.n = numbers.n * 5 % 13;

INSERT INTO invoices (id, customer_id, total, issued_on)
WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 60000)
SELECT n, 3 * (1 + n * 31 % 200000), (n * 37 % 9973) / 100.0, date('2020-01-01', '+' || (n % 2000) || ' days') FROM numbers;

INSERT INTO playlist_track (playlist_id, track_id, plays)
WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < 19999)
SELECT 1 + n / 400, 1 + n % 400 * 7, CASE WHEN n % 3 = 0 THEN n % 50 END FROM numbers;
