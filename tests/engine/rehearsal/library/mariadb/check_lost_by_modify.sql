-- verdict: different
-- finds: column t.a: changed
-- base
CREATE TABLE t (id int primary key, a int CHECK (a > 0));
-- up
ALTER TABLE t MODIFY a bigint CHECK (a > 0);
-- down
ALTER TABLE t MODIFY a int;
