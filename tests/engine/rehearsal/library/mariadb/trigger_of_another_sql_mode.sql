-- verdict: different
-- finds: trigger t.t1: changed
-- base
CREATE TABLE t (id int primary key, a int); CREATE TRIGGER t1 BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1;
-- up
DROP TRIGGER t1;
-- down
SET sql_mode = ''; CREATE TRIGGER t1 BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1;
