-- verdict: proven
-- up
CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL DEFAULT now());
-- down
DROP TABLE t;
