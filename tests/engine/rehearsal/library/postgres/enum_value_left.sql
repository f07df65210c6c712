-- verdict: different
-- finds: enum public.mood: changed
-- base
CREATE TYPE mood AS ENUM ('calm');
-- up
ALTER TYPE mood ADD VALUE IF NOT EXISTS 'glad';
-- down
SELECT 1;
