-- verdict: different
-- finds: enum public.mood: changed
-- base
CREATE TYPE mood AS ENUM ('calm', 'glad');
-- up
DROP TYPE mood;
CREATE TYPE mood AS ENUM ('calm', 'glad', 'wild');
-- down
DROP TYPE mood;
CREATE TYPE mood AS ENUM ('glad', 'calm');
