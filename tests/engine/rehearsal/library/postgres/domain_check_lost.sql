-- verdict: different
-- finds: percent.sane: removed
-- base
CREATE DOMAIN percent AS integer CONSTRAINT sane CHECK (VALUE BETWEEN 0 AND 100);
-- up
ALTER DOMAIN percent DROP CONSTRAINT IF EXISTS sane;
-- down
SELECT 1;
