-- Ways to lose rows of the table victim: what is there before, and what takes them away.

-- way: plain
CREATE TABLE victim (id integer PRIMARY KEY, name varchar(40) NOT NULL);
-- takes
DELETE FROM victim;

-- way: update
CREATE TABLE victim (id integer PRIMARY KEY, name varchar(40) NOT NULL);
-- takes
UPDATE victim SET name = 'gone';

-- way: renamed meanwhile
CREATE TABLE victim (id integer PRIMARY KEY, name varchar(40) NOT NULL);
-- takes
ALTER TABLE victim RENAME TO other;
DELETE FROM other;
ALTER TABLE other RENAME TO victim;

-- way: made anew
CREATE TABLE victim (id integer PRIMARY KEY, name varchar(40) NOT NULL);
-- takes
DROP TABLE victim;
CREATE TABLE victim (id integer PRIMARY KEY, name varchar(40) NOT NULL);
