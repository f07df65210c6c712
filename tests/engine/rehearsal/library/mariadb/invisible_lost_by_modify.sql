-- verdict: different
-- finds: column t.a: changed
-- base
CREATE TABLE t (id int primary key, a int INVISIBLE);
-- up
ALTER TABLE t MODIFY a bigint INVISIBLE;
-- down
ALTER TABLE t MODIFY a int;
