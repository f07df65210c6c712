"""A schema with every kind of object that MariaDB has."""

from __future__ import annotations

RICH = """
SET system_versioning_alter_history = KEEP;
ALTER DATABASE CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci COMMENT 'the shop';
CREATE SEQUENCE numbers START WITH 100 INCREMENT BY 10 MAXVALUE 9000;
CREATE TABLE customers (
    id int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,
    email varchar(190) NOT NULL COMMENT 'it''s unique, and "quoted"',
    name varchar(100) CHARACTER SET latin1 NOT NULL DEFAULT 'nobody',
    born date DEFAULT NULL,
    balance decimal(12,2) unsigned NOT NULL DEFAULT 0.00,
    kind enum('person','firm') NOT NULL DEFAULT 'person',
    flags set('a','b','c') DEFAULT 'a,b',
    data json DEFAULT NULL,
    noted timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(),
    half decimal(12,2) GENERATED ALWAYS AS (balance / 2) VIRTUAL,
    double_balance decimal(14,2) GENERATED ALWAYS AS (balance * 2) STORED,
    hidden int INVISIBLE DEFAULT 7,
    number bigint NOT NULL DEFAULT nextval(numbers),
    packed mediumtext COMPRESSED,
    token binary(16) DEFAULT NULL,
    UNIQUE KEY email (email),
    KEY name_born (name(10), born DESC) COMMENT 'for the list',
    FULLTEXT KEY words (name),
    CONSTRAINT positive CHECK (balance < 1000000 AND name <> '')
) COMMENT='who buys' ROW_FORMAT=DYNAMIC AUTO_INCREMENT=50;
CREATE TABLE orders (
    id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
    customer int unsigned NOT NULL,
    parent bigint DEFAULT NULL,
    place point NOT NULL,
    at datetime(3) NOT NULL DEFAULT '2020-01-01 00:00:00',
    total double DEFAULT (1 + 2 * 3),
    KEY parent (parent),
    SPATIAL KEY place (place),
    CONSTRAINT of_customer FOREIGN KEY (customer) REFERENCES customers (id) ON DELETE CASCADE,
    CONSTRAINT of_parent FOREIGN KEY (parent) REFERENCES orders (id) ON UPDATE CASCADE
);
CREATE TABLE prices (
    product int NOT NULL, price decimal(8,2), note varchar(20) WITHOUT SYSTEM VERSIONING, PRIMARY KEY (product)
) WITH SYSTEM VERSIONING;
CREATE TABLE stays (room int, arrival date, departure date, PERIOD FOR stay (arrival, departure));
CREATE TABLE readings (id int NOT NULL, year int NOT NULL, value float, PRIMARY KEY (id, year))
    PARTITION BY RANGE (year) (
        PARTITION old VALUES LESS THAN (2020) COMMENT 'cold', PARTITION new VALUES LESS THAN MAXVALUE);
CREATE TABLE log (line text) ENGINE=Aria;
CREATE VIEW firms AS SELECT id, name FROM customers WHERE kind = 'firm' WITH LOCAL CHECK OPTION;
CREATE ALGORITHM=TEMPTABLE SQL SECURITY INVOKER VIEW big_firms AS SELECT f.id, o.total FROM firms f
    JOIN orders o ON o.customer = f.id WHERE o.total > 100;
CREATE FUNCTION twice(x int) RETURNS int DETERMINISTIC NO SQL COMMENT 'doubles' RETURN x * 2;
CREATE PROCEDURE note(IN what varchar(50)) SQL SECURITY INVOKER BEGIN INSERT INTO log VALUES (what); END;
CREATE TRIGGER before_order BEFORE INSERT ON orders FOR EACH ROW SET NEW.total = NEW.total + 0;
CREATE TRIGGER second_order BEFORE INSERT ON orders FOR EACH ROW FOLLOWS before_order SET NEW.total = NEW.total * 1;
CREATE TRIGGER after_order AFTER UPDATE ON orders FOR EACH ROW BEGIN INSERT INTO log VALUES ('updated; again'); END;
CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' COMMENT 'sweeps' DO DELETE FROM log;
"""
