-- verdict: different
-- finds: column t.a: changed
-- base
CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT);
-- up
CREATE VIEW v AS SELECT 1 AS x;
-- down
DROP VIEW v;
PRAGMA writable_schema = ON;
UPDATE sqlite_master SET sql = 'CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER)' WHERE name = 't';
PRAGMA writable_schema = OFF;
