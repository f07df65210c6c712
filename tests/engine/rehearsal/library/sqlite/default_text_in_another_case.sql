-- verdict: different
-- finds: column t.a: changed
-- base
CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT DEFAULT Foo);
-- up
ALTER TABLE t ADD COLUMN b TEXT;
-- down
CREATE TABLE t2 (id INTEGER PRIMARY KEY, a TEXT DEFAULT foo);
INSERT INTO t2 SELECT id, a FROM t; DROP TABLE t; ALTER TABLE t2 RENAME TO t;
