-- verdict: lossy
-- finds: loss public.numbers
-- base
CREATE SEQUENCE numbers;
SELECT setval('numbers', 500);
-- up
SELECT setval('numbers', 1);
-- down
SELECT 1;
