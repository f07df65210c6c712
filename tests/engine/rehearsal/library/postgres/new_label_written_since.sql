-- verdict: failing
-- finds: failure down: 
-- base
CREATE TYPE mood AS ENUM ('calm');
CREATE TABLE t (id integer PRIMARY KEY, mood mood NOT NULL);
-- up
ALTER TYPE mood ADD VALUE 'glad';
-- down
ALTER TYPE mood RENAME TO old_mood;
CREATE TYPE mood AS ENUM ('calm');
ALTER TABLE t ALTER COLUMN mood TYPE mood USING mood::text::mood;
DROP TYPE old_mood;
