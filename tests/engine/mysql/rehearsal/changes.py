"""Changes of each thing there is to the objects of the rich schema, and what takes them back."""

from __future__ import annotations

# Each change, a line with an arrow, and what takes it back; a line with semicolons stands between two statements.
_MUTATIONS = """
CREATE TABLE extra (id int)
<=
DROP TABLE extra

RENAME TABLE log TO logs
<=
RENAME TABLE logs TO log

ALTER TABLE orders COMMENT='x'
<=
ALTER TABLE orders COMMENT=''

ALTER TABLE log ENGINE=InnoDB
<=
ALTER TABLE log ENGINE=Aria

ALTER TABLE log TRANSACTIONAL=1
<=
ALTER TABLE log TRANSACTIONAL=DEFAULT

ALTER TABLE orders ROW_FORMAT=COMPACT
<=
ALTER TABLE orders ROW_FORMAT=DEFAULT

ALTER TABLE customers DEFAULT CHARSET=latin1
<=
ALTER TABLE customers DEFAULT CHARSET=utf8mb4

ALTER TABLE orders COLLATE=utf8mb4_bin
<=
ALTER TABLE orders COLLATE=utf8mb4_general_ci

ALTER TABLE orders STATS_PERSISTENT=1
<=
ALTER TABLE orders STATS_PERSISTENT=DEFAULT

ALTER TABLE orders PAGE_COMPRESSED=1
<=
ALTER TABLE orders PAGE_COMPRESSED=DEFAULT

ALTER TABLE stays ADD SYSTEM VERSIONING
<=
ALTER TABLE stays DROP SYSTEM VERSIONING

ALTER TABLE stays DROP PERIOD FOR stay
<=
ALTER TABLE stays ADD PERIOD FOR stay (arrival, departure)

ALTER TABLE prices MODIFY price decimal(8,2) WITHOUT SYSTEM VERSIONING
<=
ALTER TABLE prices MODIFY price decimal(8,2) WITH SYSTEM VERSIONING

ALTER TABLE customers ADD x int
<=
ALTER TABLE customers DROP x

ALTER TABLE customers RENAME COLUMN born TO birth
<=
ALTER TABLE customers RENAME COLUMN birth TO born

ALTER TABLE customers MODIFY born datetime
<=
ALTER TABLE customers MODIFY born date

ALTER TABLE customers MODIFY born date NOT NULL
<=
ALTER TABLE customers MODIFY born date

ALTER TABLE customers ALTER name SET DEFAULT 'x'
<=
ALTER TABLE customers ALTER name SET DEFAULT 'nobody'

ALTER TABLE customers ALTER name DROP DEFAULT
<=
ALTER TABLE customers ALTER name SET DEFAULT 'nobody'

ALTER TABLE orders ALTER total SET DEFAULT (2 + 2)
<=
ALTER TABLE orders ALTER total SET DEFAULT (1 + 2 * 3)

ALTER TABLE customers MODIFY balance decimal(12,2) NOT NULL DEFAULT 0
<=
ALTER TABLE customers MODIFY balance decimal(12,2) unsigned NOT NULL DEFAULT 0

ALTER TABLE customers MODIFY balance decimal(13,2) unsigned NOT NULL DEFAULT 0
<=
ALTER TABLE customers MODIFY balance decimal(12,2) unsigned NOT NULL DEFAULT 0

ALTER TABLE customers MODIFY kind enum('person','firm','state') NOT NULL DEFAULT 'person'
<=
ALTER TABLE customers MODIFY kind enum('person','firm') NOT NULL DEFAULT 'person'

ALTER TABLE customers MODIFY kind enum('firm','person') NOT NULL DEFAULT 'person'
<=
ALTER TABLE customers MODIFY kind enum('person','firm') NOT NULL DEFAULT 'person'

ALTER TABLE customers MODIFY name varchar(100) CHARACTER SET latin1 COLLATE latin1_bin NOT NULL DEFAULT 'nobody'
<=
ALTER TABLE customers MODIFY name varchar(100) CHARACTER SET latin1 NOT NULL DEFAULT 'nobody'

ALTER TABLE customers MODIFY name varchar(100) CHARACTER SET utf8mb4 NOT NULL DEFAULT 'nobody'
<=
ALTER TABLE customers MODIFY name varchar(100) CHARACTER SET latin1 NOT NULL DEFAULT 'nobody'

ALTER TABLE customers MODIFY born date COMMENT 'day'
<=
ALTER TABLE customers MODIFY born date

ALTER TABLE customers MODIFY email varchar(190) NOT NULL
<=
ALTER TABLE customers MODIFY email varchar(190) NOT NULL COMMENT 'it''s unique, and "quoted"'

ALTER TABLE customers MODIFY noted timestamp NOT NULL DEFAULT current_timestamp()
<=
ALTER TABLE customers MODIFY noted timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp()

ALTER TABLE orders MODIFY at datetime(6) NOT NULL DEFAULT '2020-01-01'
<=
ALTER TABLE orders MODIFY at datetime(3) NOT NULL DEFAULT '2020-01-01'

ALTER TABLE customers MODIFY half decimal(12,2) AS (balance / 3) VIRTUAL
<=
ALTER TABLE customers MODIFY half decimal(12,2) AS (balance / 2) VIRTUAL

ALTER TABLE customers MODIFY hidden int DEFAULT 7
<=
ALTER TABLE customers MODIFY hidden int INVISIBLE DEFAULT 7

ALTER TABLE customers MODIFY id int unsigned NOT NULL
<=
ALTER TABLE customers MODIFY id int unsigned NOT NULL AUTO_INCREMENT

ALTER TABLE customers MODIFY packed mediumtext
<=
ALTER TABLE customers MODIFY packed mediumtext COMPRESSED

ALTER TABLE customers MODIFY data longtext
<=
ALTER TABLE customers MODIFY data json

ALTER TABLE customers MODIFY number bigint NOT NULL DEFAULT 1
<=
ALTER TABLE customers MODIFY number bigint NOT NULL DEFAULT nextval(numbers)

ALTER TABLE customers MODIFY born date CHECK (born > '1900-01-01')
<=
ALTER TABLE customers MODIFY born date

CREATE INDEX i ON customers (born)
<=
DROP INDEX i ON customers

ALTER TABLE orders RENAME INDEX parent TO parents
<=
ALTER TABLE orders RENAME INDEX parents TO parent

ALTER TABLE customers DROP KEY email, ADD KEY email (email)
<=
ALTER TABLE customers DROP KEY email, ADD UNIQUE KEY email (email)

ALTER TABLE customers DROP KEY name_born, ADD KEY name_born (name(10), born) COMMENT 'for the list'
<=
ALTER TABLE customers DROP KEY name_born, ADD KEY name_born (name(10), born DESC) COMMENT 'for the list'

ALTER TABLE customers DROP KEY name_born, ADD KEY name_born (name(11), born DESC) COMMENT 'for the list'
<=
ALTER TABLE customers DROP KEY name_born, ADD KEY name_born (name(10), born DESC) COMMENT 'for the list'

ALTER TABLE customers DROP KEY name_born, ADD KEY name_born (name(10), born DESC)
<=
ALTER TABLE customers DROP KEY name_born, ADD KEY name_born (name(10), born DESC) COMMENT 'for the list'

ALTER TABLE customers ALTER INDEX email IGNORED
<=
ALTER TABLE customers ALTER INDEX email NOT IGNORED

ALTER TABLE customers DROP INDEX words
<=
ALTER TABLE customers ADD FULLTEXT INDEX words (name)

ALTER TABLE orders DROP INDEX place
<=
ALTER TABLE orders ADD SPATIAL INDEX place (place)

ALTER TABLE prices DROP PRIMARY KEY
<=
ALTER TABLE prices ADD PRIMARY KEY (product)

ALTER TABLE orders DROP FOREIGN KEY of_customer
<=
ALTER TABLE orders ADD CONSTRAINT of_customer FOREIGN KEY (customer) REFERENCES customers (id) ON DELETE CASCADE

ALTER TABLE orders DROP FOREIGN KEY of_customer, ADD CONSTRAINT of_customers FOREIGN KEY (customer) REFERENCES
    customers (id) ON DELETE CASCADE, RENAME INDEX of_customer TO of_customers
<=
ALTER TABLE orders DROP FOREIGN KEY of_customers, ADD CONSTRAINT of_customer FOREIGN KEY (customer) REFERENCES
    customers (id) ON DELETE CASCADE, RENAME INDEX of_customers TO of_customer

ALTER TABLE customers DROP CONSTRAINT positive
<=
ALTER TABLE customers ADD CONSTRAINT positive CHECK (balance < 1000000 AND name <> '')

ALTER TABLE customers ADD CONSTRAINT adult CHECK (born < '2010-01-01')
<=
ALTER TABLE customers DROP CONSTRAINT adult

ALTER TABLE readings DROP PARTITION old
<=
ALTER TABLE readings REORGANIZE PARTITION new INTO (PARTITION old VALUES LESS THAN (2020) COMMENT 'cold',
    PARTITION new VALUES LESS THAN MAXVALUE)

ALTER TABLE readings REMOVE PARTITIONING
<=
ALTER TABLE readings PARTITION BY RANGE (year) (PARTITION old VALUES LESS THAN (2020) COMMENT 'cold', PARTITION
    new VALUES LESS THAN MAXVALUE)

CREATE VIEW v AS SELECT 1 AS one
<=
DROP VIEW v

CREATE OR REPLACE VIEW firms AS SELECT id, name FROM customers WHERE kind = 'firm'
<=
CREATE OR REPLACE VIEW firms AS SELECT id, name FROM customers WHERE kind = 'firm' WITH LOCAL CHECK OPTION

CREATE OR REPLACE VIEW firms AS SELECT id, name FROM customers WHERE kind = _latin1'firm' WITH LOCAL CHECK OPTION
<=
CREATE OR REPLACE VIEW firms AS SELECT id, name FROM customers WHERE kind = 'firm' WITH LOCAL CHECK OPTION

CREATE OR REPLACE SQL SECURITY INVOKER VIEW firms AS SELECT id, name FROM customers WHERE kind = 'firm' WITH
    LOCAL CHECK OPTION
<=
CREATE OR REPLACE VIEW firms AS SELECT id, name FROM customers WHERE kind = 'firm' WITH LOCAL CHECK OPTION

CREATE OR REPLACE ALGORITHM=MERGE VIEW firms AS SELECT id, name FROM customers WHERE kind = 'firm' WITH LOCAL
    CHECK OPTION
<=
CREATE OR REPLACE VIEW firms AS SELECT id, name FROM customers WHERE kind = 'firm' WITH LOCAL CHECK OPTION

CREATE OR REPLACE DEFINER=root@localhost VIEW firms AS SELECT id, name FROM customers WHERE kind = 'firm' WITH
    LOCAL CHECK OPTION
<=
CREATE OR REPLACE VIEW firms AS SELECT id, name FROM customers WHERE kind = 'firm' WITH LOCAL CHECK OPTION

CREATE PROCEDURE p() SELECT 1
<=
DROP PROCEDURE p

ALTER PROCEDURE note SQL SECURITY DEFINER
<=
ALTER PROCEDURE note SQL SECURITY INVOKER

ALTER PROCEDURE note COMMENT 'x'
<=
ALTER PROCEDURE note COMMENT ''

ALTER PROCEDURE note MODIFIES SQL DATA
<=
ALTER PROCEDURE note CONTAINS SQL

DROP FUNCTION twice
<=
CREATE FUNCTION twice(x int) RETURNS int DETERMINISTIC NO SQL COMMENT 'doubles' RETURN x * 2

CREATE OR REPLACE FUNCTION twice(x bigint) RETURNS int DETERMINISTIC NO SQL COMMENT 'doubles' RETURN x * 2
<=
CREATE OR REPLACE FUNCTION twice(x int) RETURNS int DETERMINISTIC NO SQL COMMENT 'doubles' RETURN x * 2

CREATE OR REPLACE FUNCTION twice(x int) RETURNS int NO SQL COMMENT 'doubles' RETURN x * 2
<=
CREATE OR REPLACE FUNCTION twice(x int) RETURNS int DETERMINISTIC NO SQL COMMENT 'doubles' RETURN x * 2

SET sql_mode = 'ANSI_QUOTES'
;;
CREATE OR REPLACE FUNCTION twice(x int) RETURNS int DETERMINISTIC NO SQL COMMENT 'doubles' RETURN x * 2
<=
SET sql_mode = DEFAULT
;;
CREATE OR REPLACE FUNCTION twice(x int) RETURNS int DETERMINISTIC NO SQL COMMENT 'doubles' RETURN x * 2

CREATE AGGREGATE FUNCTION many(x int) RETURNS int BEGIN DECLARE n int DEFAULT 0; DECLARE CONTINUE HANDLER FOR
    NOT FOUND RETURN n; LOOP FETCH GROUP NEXT ROW; SET n = n + 1; END LOOP; END
<=
DROP FUNCTION many

DROP TRIGGER after_order
<=
CREATE TRIGGER after_order AFTER UPDATE ON orders FOR EACH ROW BEGIN INSERT INTO log VALUES ('updated; again'); END

CREATE OR REPLACE TRIGGER after_order AFTER DELETE ON orders FOR EACH ROW
BEGIN INSERT INTO log VALUES ('updated; again'); END
<=
CREATE OR REPLACE TRIGGER after_order AFTER UPDATE ON orders FOR EACH ROW
BEGIN INSERT INTO log VALUES ('updated; again'); END

DROP TRIGGER before_order
;;
CREATE TRIGGER before_order BEFORE INSERT ON orders FOR EACH ROW SET NEW.total = NEW.total + 0
<=
DROP TRIGGER before_order
;;
CREATE TRIGGER before_order BEFORE INSERT ON orders FOR EACH ROW PRECEDES second_order SET NEW.total = NEW.total + 0

ALTER EVENT nightly DISABLE
<=
ALTER EVENT nightly ENABLE

ALTER EVENT nightly ON SCHEDULE EVERY 2 DAY STARTS '2030-01-01 00:00:00'
<=
ALTER EVENT nightly ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00'

ALTER EVENT nightly ON SCHEDULE EVERY 1 DAY STARTS '2031-01-01 00:00:00'
<=
ALTER EVENT nightly ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00'

ALTER EVENT nightly ON COMPLETION PRESERVE
<=
ALTER EVENT nightly ON COMPLETION NOT PRESERVE

ALTER EVENT nightly COMMENT 'x'
<=
ALTER EVENT nightly COMMENT 'sweeps'

ALTER EVENT nightly DO DELETE FROM log LIMIT 1
<=
ALTER EVENT nightly DO DELETE FROM log

ALTER EVENT nightly RENAME TO daily
<=
ALTER EVENT daily RENAME TO nightly

CREATE SEQUENCE s
<=
DROP SEQUENCE s

ALTER SEQUENCE numbers INCREMENT 5
<=
ALTER SEQUENCE numbers INCREMENT 10

ALTER SEQUENCE numbers CYCLE
<=
ALTER SEQUENCE numbers NOCYCLE

ALTER DATABASE COLLATE utf8mb4_bin
<=
ALTER DATABASE COLLATE utf8mb4_general_ci

ALTER DATABASE COMMENT 'x'
<=
ALTER DATABASE COMMENT 'the shop'

GRANT SELECT ON customers TO root@localhost
<=
REVOKE SELECT ON customers FROM root@localhost

GRANT UPDATE (name) ON customers TO root@localhost
<=
REVOKE UPDATE (name) ON customers FROM root@localhost

GRANT EXECUTE ON PROCEDURE note TO root@localhost
<=
REVOKE EXECUTE ON PROCEDURE note FROM root@localhost
"""


def _lines(text: str) -> list[str]:
    return [statement.strip() for statement in text.split("\n;;\n")]


MUTATIONS = [tuple(_lines(half) for half in pair.split("\n<=\n")) for pair in _MUTATIONS.split("\n\n")]
