-- verdict: different
-- finds: database (this): changed
-- up
ALTER TEXT SEARCH CONFIGURATION english ALTER MAPPING FOR asciiword WITH simple;
-- down
SELECT 1;
