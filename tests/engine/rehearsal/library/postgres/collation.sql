-- verdict: proven
-- up
CREATE COLLATION plain (provider = libc, locale = 'C');
-- down
DROP COLLATION plain;
