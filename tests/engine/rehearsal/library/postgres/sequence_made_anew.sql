-- verdict: lossy
-- finds: loss public.numbers: 1 of 1 (last_value)
-- base
CREATE SEQUENCE numbers;
-- up
DROP SEQUENCE numbers;
-- down
CREATE SEQUENCE numbers;
