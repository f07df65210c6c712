-- verdict: different
-- finds: view v: changed
-- base
CREATE TABLE t (id int); CREATE ALGORITHM=MERGE SQL SECURITY INVOKER VIEW v AS SELECT id FROM t WITH CHECK OPTION;
-- up
DROP VIEW v;
-- down
CREATE VIEW v AS SELECT id FROM t WITH CHECK OPTION;
