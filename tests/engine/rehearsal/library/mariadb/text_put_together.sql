-- verdict: proven
-- base
CREATE TABLE t (id int PRIMARY KEY);
-- up
SET @sql = IF((SELECT COUNT(*) FROM information_schema.COLUMNS
    WHERE table_schema = DATABASE() AND table_name = 't' AND column_name = 'a') = 0,
    CONCAT('ALTER TABLE ', 't', ' ADD a int'), 'SELECT 1');
PREPARE s FROM @sql;
EXECUTE s;
-- down
ALTER TABLE t DROP a;
