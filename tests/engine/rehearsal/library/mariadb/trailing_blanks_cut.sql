-- verdict: lossy
-- finds: loss t:
-- base
CREATE TABLE t (id int primary key, a varchar(50));
-- up
ALTER TABLE t MODIFY a char(50);
-- down
ALTER TABLE t MODIFY a varchar(50);
