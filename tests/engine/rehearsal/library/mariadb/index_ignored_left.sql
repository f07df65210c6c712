-- verdict: different
-- finds: index t.k: changed
-- base
CREATE TABLE t (id int primary key, a varchar(200), key k (a));
-- up
ALTER TABLE t ALTER INDEX k IGNORED;
-- down
SELECT 1;
