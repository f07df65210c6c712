-- verdict: lossy
-- finds: loss t:
-- base
CREATE TABLE t (id int primary key, code varchar(20));
-- up
SET sql_mode=''; ALTER TABLE t MODIFY code int;
-- down
ALTER TABLE t MODIFY code varchar(20);
