-- verdict: different
-- finds: trigger t.t1: changed
-- base
CREATE TABLE t (id int primary key, a int); CREATE DEFINER=root@localhost TRIGGER t1 BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1;
-- up
DROP TRIGGER t1;
-- down
CREATE TRIGGER t1 BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1;
