-- verdict: different
-- finds: view v: changed
-- base
CREATE TABLE t (id int); CREATE DEFINER=root@localhost VIEW v AS SELECT id FROM t;
-- up
DROP VIEW v;
-- down
CREATE VIEW v AS SELECT id FROM t;
