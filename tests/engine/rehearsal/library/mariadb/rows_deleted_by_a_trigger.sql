-- verdict: lossy
-- finds: loss u:
-- base
CREATE TABLE t (id int primary key, a int); CREATE TABLE u (id int primary key); CREATE TRIGGER t1 AFTER UPDATE ON t FOR EACH ROW DELETE FROM u;
-- up
UPDATE t SET a = a + 1;
-- down
UPDATE t SET a = a - 1;
