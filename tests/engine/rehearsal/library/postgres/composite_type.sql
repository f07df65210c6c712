-- verdict: proven
-- up
CREATE TYPE money_of AS (amount numeric, currency text);
-- down
DROP TYPE money_of;
