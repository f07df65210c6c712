-- verdict: proven
-- up
CREATE TYPE span AS RANGE (subtype = float8);
-- down
DROP TYPE span;
