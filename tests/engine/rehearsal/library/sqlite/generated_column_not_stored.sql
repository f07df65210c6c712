-- verdict: different
-- finds: column t.g: changed
-- base
CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, g TEXT AS (upper(a)) STORED);
-- up
CREATE TABLE t2 (id INTEGER PRIMARY KEY, a TEXT, g TEXT AS (upper(a)) VIRTUAL);
INSERT INTO t2(id,a) SELECT id, a FROM t; DROP TABLE t; ALTER TABLE t2 RENAME TO t;
-- down
SELECT 1;
