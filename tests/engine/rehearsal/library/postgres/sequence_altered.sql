-- verdict: proven
-- base
CREATE SEQUENCE numbers;
-- up
ALTER SEQUENCE numbers INCREMENT 10 CACHE 20;
-- down
ALTER SEQUENCE numbers INCREMENT 1 CACHE 1;
