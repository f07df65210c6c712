-- verdict: lossy
-- finds: loss t:
-- base
CREATE TABLE t (id int primary key, a varchar(50));
-- up
UPDATE t SET a = '' WHERE a IS NULL;
-- down
UPDATE t SET a = NULL WHERE a = '';
