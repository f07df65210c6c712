-- verdict: different
-- finds: view v: changed
-- base
CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT); CREATE VIEW v AS SELECT id, a FROM t;
-- up
ALTER TABLE t RENAME COLUMN a TO b;
-- down
ALTER TABLE t RENAME COLUMN b TO a; DROP VIEW v; CREATE VIEW v AS SELECT a, id FROM t;
