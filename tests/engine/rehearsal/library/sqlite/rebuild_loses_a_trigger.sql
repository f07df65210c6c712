-- verdict: different
-- finds: trigger tr: removed
-- base
CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT); CREATE TABLE log (x);
CREATE TRIGGER tr AFTER UPDATE ON t WHEN new.a <> old.a BEGIN INSERT INTO log VALUES (new.a); END;
-- up
ALTER TABLE t ADD COLUMN b TEXT;
-- down
CREATE TABLE t2 (id INTEGER PRIMARY KEY, a TEXT);
INSERT INTO t2 SELECT id, a FROM t; DROP TABLE t; ALTER TABLE t2 RENAME TO t;
