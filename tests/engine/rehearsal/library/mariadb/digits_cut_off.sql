-- verdict: lossy
-- finds: loss t:
-- base
CREATE TABLE t (id int primary key, a decimal(12,4));
-- up
ALTER TABLE t MODIFY a decimal(10,2);
-- down
ALTER TABLE t MODIFY a decimal(12,4);
