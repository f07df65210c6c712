-- verdict: lossy
-- finds: loss t:
-- base
CREATE TABLE t (id int primary key, at datetime(6));
-- up
ALTER TABLE t MODIFY at datetime;
-- down
ALTER TABLE t MODIFY at datetime(6);
