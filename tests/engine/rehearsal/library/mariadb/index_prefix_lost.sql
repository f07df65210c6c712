-- verdict: different
-- finds: index t.k: changed
-- base
CREATE TABLE t (id int primary key, a varchar(200), key k (a(10)));
-- up
DROP INDEX k ON t;
-- down
CREATE INDEX k ON t (a);
