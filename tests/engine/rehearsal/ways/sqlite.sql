-- Ways to lose rows of the table victim: what is there before, and what takes them away.

-- way: replace
CREATE TABLE victim (id integer PRIMARY KEY, name varchar(40) NOT NULL);
-- takes
REPLACE INTO victim SELECT id, 'gone' FROM victim;

-- way: instead of
CREATE TABLE victim (id integer PRIMARY KEY, name varchar(40) NOT NULL);
CREATE VIEW seen AS SELECT 1 AS id;
CREATE TRIGGER opens INSTEAD OF DELETE ON seen BEGIN DELETE FROM victim; END;
-- takes
DELETE FROM seen;

-- way: trigger of sqlite
CREATE TABLE victim (id integer PRIMARY KEY, name varchar(40) NOT NULL);
CREATE TABLE door (id integer);
CREATE TRIGGER opens AFTER INSERT ON door BEGIN UPDATE victim SET name = 'gone'; END;
-- takes
INSERT INTO door VALUES (1);

-- way: rebuild
CREATE TABLE victim (id integer PRIMARY KEY, name varchar(40) NOT NULL);
-- takes
CREATE TABLE n (id integer PRIMARY KEY, name varchar(40) NOT NULL);
INSERT INTO n SELECT id, 'gone' FROM victim;
DROP TABLE victim;
ALTER TABLE n RENAME TO victim;
