-- verdict: lossy
-- finds: loss sqlite_sequence.t: 1 of 1 (last_value)
-- base
CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT);
-- up
ALTER TABLE t ADD COLUMN b TEXT;
-- down
CREATE TABLE t2 (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT);
INSERT INTO t2 SELECT id, a FROM t; DROP TABLE t; ALTER TABLE t2 RENAME TO t;
