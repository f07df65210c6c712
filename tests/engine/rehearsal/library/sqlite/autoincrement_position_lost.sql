-- verdict: lossy
-- finds: loss sqlite_sequence.t: 1 of 1 (last_value)
-- base
CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT);
-- up
CREATE TABLE t2 (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b TEXT);
INSERT INTO t2 (id, a) SELECT id, a FROM t; DROP TABLE t; ALTER TABLE t2 RENAME TO t;
-- down
ALTER TABLE t DROP COLUMN b;
