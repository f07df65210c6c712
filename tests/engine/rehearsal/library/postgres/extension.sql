-- verdict: proven
-- only: pg18
-- up
CREATE EXTENSION hstore;
-- down
DROP EXTENSION hstore;
