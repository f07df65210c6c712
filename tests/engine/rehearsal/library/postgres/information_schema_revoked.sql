-- verdict: different
-- finds: database (this): changed
-- up
REVOKE SELECT ON information_schema.tables FROM PUBLIC;
-- down
SELECT 1;
