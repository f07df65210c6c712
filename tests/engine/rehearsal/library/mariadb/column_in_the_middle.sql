-- verdict: proven
-- base
CREATE TABLE t (id int primary key, a int, b int);
-- up
ALTER TABLE t ADD c int AFTER a;
-- down
ALTER TABLE t DROP c;
