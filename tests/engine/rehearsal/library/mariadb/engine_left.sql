-- verdict: different
-- finds: table t: changed
-- base
CREATE TABLE t (id int primary key, a text) ENGINE=MyISAM;
-- up
ALTER TABLE t ENGINE=InnoDB;
-- down
SELECT 1;
