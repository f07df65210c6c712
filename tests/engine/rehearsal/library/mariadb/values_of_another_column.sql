-- verdict: lossy
-- finds: loss t:
-- base
CREATE TABLE t (id int primary key, a varchar(40), b varchar(40));
-- up
UPDATE t SET a = b;
-- down
UPDATE t SET b = a;
