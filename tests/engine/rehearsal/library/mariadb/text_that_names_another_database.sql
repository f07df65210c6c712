-- verdict: failing
-- finds: failure up: 2_case.up.sql:3: this cannot be rehearsed here: it names the database mysql
-- base
CREATE TABLE t (id int PRIMARY KEY);
-- up
SET @sql = CONCAT('DELETE FROM my', 'sql.global_priv WHERE user = ''nobody''');
PREPARE s FROM @sql;
EXECUTE s;
-- down
SELECT 1;
