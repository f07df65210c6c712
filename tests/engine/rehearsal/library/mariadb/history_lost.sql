-- verdict: lossy
-- finds: loss 
-- base
CREATE TABLE t (id int primary key, a int) WITH SYSTEM VERSIONING; INSERT INTO t VALUES (100,1); UPDATE t SET a = 2 WHERE id = 100;
-- up
ALTER TABLE t DROP SYSTEM VERSIONING;
-- down
ALTER TABLE t ADD SYSTEM VERSIONING;
