-- verdict: proven
-- base
CREATE TABLE stays (id integer PRIMARY KEY, during daterange NOT NULL);
-- up
CREATE TABLE rooms (during daterange, EXCLUDE USING gist (during WITH &&));
-- down
DROP TABLE rooms;
