-- Ways to lose rows of the table victim: what is there before, and what takes them away.

-- way: view
CREATE TABLE victim (id integer PRIMARY KEY, name varchar(40) NOT NULL);
CREATE VIEW seen AS SELECT * FROM victim;
-- takes
DELETE FROM seen;

-- way: rule
CREATE TABLE victim (id integer PRIMARY KEY, name varchar(40) NOT NULL);
CREATE TABLE door (id int);
CREATE RULE opens AS ON INSERT TO door DO ALSO DELETE FROM victim;
-- takes
INSERT INTO door VALUES (1);

-- way: instead of
CREATE TABLE victim (id integer PRIMARY KEY, name varchar(40) NOT NULL);
CREATE VIEW seen AS SELECT 1 AS id;
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM victim; RETURN NULL; END $$;
CREATE TRIGGER opens INSTEAD OF DELETE ON seen FOR EACH ROW EXECUTE FUNCTION f();
-- takes
DELETE FROM seen;

-- way: function
CREATE TABLE victim (id integer PRIMARY KEY, name varchar(40) NOT NULL);
CREATE FUNCTION f() RETURNS bigint LANGUAGE sql AS $$ WITH d AS (DELETE FROM victim RETURNING 1) SELECT count(*) FROM d $$;
-- takes
SELECT f();

-- way: dynamic
CREATE TABLE victim (id integer PRIMARY KEY, name varchar(40) NOT NULL);
-- takes
DO $$ BEGIN EXECUTE 'DELETE FROM vic' || 'tim'; END $$;

-- way: caught
CREATE TABLE victim (id integer PRIMARY KEY, name varchar(40) NOT NULL);
-- takes
DO $$ BEGIN DELETE FROM victim; BEGIN DELETE FROM victim; RAISE 'x'; EXCEPTION WHEN others THEN NULL; END; END $$;

-- way: trigger function
CREATE TABLE victim (id integer PRIMARY KEY, name varchar(40) NOT NULL);
CREATE TABLE door (id int);
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM victim; RETURN NULL; END $$;
CREATE TRIGGER opens AFTER INSERT ON door EXECUTE FUNCTION f();
-- takes
INSERT INTO door VALUES (1);

-- way: deferred trigger
CREATE TABLE victim (id integer PRIMARY KEY, name varchar(40) NOT NULL);
CREATE TABLE door (id int);
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM victim; RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER opens AFTER INSERT ON door DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION f();
-- takes
INSERT INTO door VALUES (1);

-- way: event trigger
CREATE TABLE victim (id integer PRIMARY KEY, name varchar(40) NOT NULL);
CREATE FUNCTION f() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM victim; END $$;
CREATE EVENT TRIGGER opens ON ddl_command_end WHEN TAG IN ('COMMENT') EXECUTE FUNCTION f();
-- takes
COMMENT ON TABLE victim IS NULL;

-- way: partition
CREATE TABLE victim (id int NOT NULL, name text) PARTITION BY RANGE (id);
CREATE TABLE victim_low PARTITION OF victim FOR VALUES FROM (MINVALUE) TO (0);
CREATE TABLE victim_high PARTITION OF victim FOR VALUES FROM (0) TO (MAXVALUE);
-- takes
DELETE FROM victim_high;
DELETE FROM victim_low;

-- way: partitioned
CREATE TABLE whole (id int NOT NULL, name text) PARTITION BY RANGE (id);
CREATE TABLE victim PARTITION OF whole DEFAULT;
-- takes
DELETE FROM whole;

-- way: child
CREATE TABLE victim (id integer PRIMARY KEY, name varchar(40) NOT NULL);
CREATE TABLE child (more int) INHERITS (victim);
-- takes
UPDATE victim SET name = 'gone';

-- way: truncate cascade
CREATE TABLE parents (id int PRIMARY KEY);
CREATE TABLE victim (id int REFERENCES parents (id) NOT NULL);
-- takes
TRUNCATE parents CASCADE;

-- way: merge
CREATE TABLE victim (id integer PRIMARY KEY, name varchar(40) NOT NULL);
-- takes
MERGE INTO victim v USING (SELECT 1) x ON true WHEN MATCHED THEN DELETE;

-- way: moved to a schema
CREATE TABLE victim (id integer PRIMARY KEY, name varchar(40) NOT NULL);
-- takes
CREATE SCHEMA s;
ALTER TABLE victim SET SCHEMA s;
DELETE FROM s.victim;
ALTER TABLE s.victim SET SCHEMA public;
DROP SCHEMA s;

-- way: exchanged
CREATE TABLE victim (id integer PRIMARY KEY, name varchar(40) NOT NULL);
-- takes
CREATE TABLE other (LIKE victim INCLUDING ALL);
DROP TABLE victim;
ALTER TABLE other RENAME TO victim;
ALTER INDEX other_pkey RENAME TO victim_pkey;

-- way: type
CREATE TABLE victim (id integer PRIMARY KEY, name varchar(40) NOT NULL);
-- takes
ALTER TABLE victim ALTER name TYPE varchar(40) USING 'gone';

-- way: column
CREATE TABLE victim (id integer PRIMARY KEY, name varchar(40) NOT NULL);
-- takes
ALTER TABLE victim DROP name;
ALTER TABLE victim ADD name varchar(40) NOT NULL DEFAULT '';
ALTER TABLE victim ALTER name DROP DEFAULT;

-- way: prepared
CREATE TABLE victim (id integer PRIMARY KEY, name varchar(40) NOT NULL);
-- takes
PREPARE d AS DELETE FROM victim;
EXECUTE d;
DEALLOCATE d;

-- way: cursor
CREATE TABLE victim (id integer PRIMARY KEY, name varchar(40) NOT NULL);
-- takes
DECLARE c CURSOR FOR SELECT * FROM victim FOR UPDATE;
FETCH c;
DELETE FROM victim WHERE CURRENT OF c;
CLOSE c;

-- way: explain
CREATE TABLE victim (id integer PRIMARY KEY, name varchar(40) NOT NULL);
-- takes
EXPLAIN (ANALYZE) DELETE FROM victim;

-- way: settings role
CREATE TABLE victim (id integer PRIMARY KEY, name varchar(40) NOT NULL);
-- takes
SET LOCAL session_replication_role = replica;
DELETE FROM victim;
