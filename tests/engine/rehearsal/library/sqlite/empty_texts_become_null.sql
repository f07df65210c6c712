-- verdict: lossy
-- finds: loss t:
-- base
CREATE TABLE t (id INTEGER PRIMARY KEY, email TEXT);
-- up
UPDATE t SET email = '' WHERE email IS NULL;
-- down
UPDATE t SET email = NULL WHERE email = '';
