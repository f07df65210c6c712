-- verdict: proven
-- up
CREATE SEQUENCE numbers INCREMENT 5 MAXVALUE 1000 CYCLE;
-- down
DROP SEQUENCE numbers;
