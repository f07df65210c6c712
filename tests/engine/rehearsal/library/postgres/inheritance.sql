-- verdict: proven
-- base
CREATE TABLE things (id integer);
-- up
CREATE TABLE special_things (why text) INHERITS (things);
-- down
DROP TABLE special_things;
