-- Ways to lose rows of the table victim: what is there before, and what takes them away.

-- way: trigger
CREATE TABLE victim (id integer PRIMARY KEY, name varchar(40) NOT NULL);
CREATE TABLE door (id integer PRIMARY KEY);
CREATE TRIGGER opens AFTER DELETE ON door FOR EACH ROW DELETE FROM victim;
-- takes
DELETE FROM door;

-- way: procedure
CREATE TABLE victim (id integer PRIMARY KEY, name varchar(40) NOT NULL);
CREATE PROCEDURE p() DELETE FROM victim;
-- takes
CALL p();

-- way: replace
CREATE TABLE victim (id integer PRIMARY KEY, name varchar(40) NOT NULL);
-- takes
REPLACE INTO victim SELECT id, 'gone' FROM victim;

-- way: view
CREATE TABLE victim (id integer PRIMARY KEY, name varchar(40) NOT NULL);
CREATE VIEW seen AS SELECT * FROM victim;
-- takes
DELETE FROM seen;

-- way: swap
CREATE TABLE victim (id integer PRIMARY KEY, name varchar(40) NOT NULL);
CREATE TABLE other LIKE victim;
-- takes
RENAME TABLE victim TO x, other TO victim, x TO other;
DROP TABLE other;
CREATE TABLE other LIKE victim;

-- way: many
CREATE TABLE victim (id integer PRIMARY KEY, name varchar(40) NOT NULL);
CREATE TABLE b (id integer PRIMARY KEY);
-- takes
DELETE victim, b FROM victim LEFT JOIN b USING (id);
