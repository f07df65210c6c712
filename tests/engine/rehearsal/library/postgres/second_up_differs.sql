-- verdict: different
-- finds: again table public.other: added
-- up
DO $$ BEGIN IF to_regclass('marker') IS NULL THEN CREATE TABLE marker (n integer); ELSE CREATE TABLE other (n integer); END IF; END $$;
-- down
SELECT 1;
