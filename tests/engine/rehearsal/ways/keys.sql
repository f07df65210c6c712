-- Ways to lose rows of the table victim: what is there before, and what takes them away.

-- way: cascade
CREATE TABLE parents (id integer PRIMARY KEY, name varchar(20));
CREATE TABLE victim (id integer PRIMARY KEY, parent integer NOT NULL, FOREIGN KEY (parent) REFERENCES parents (id) ON DELETE CASCADE);
-- takes
DELETE FROM parents;

-- way: set null
CREATE TABLE parents (id integer PRIMARY KEY, name varchar(20));
CREATE TABLE victim (id integer PRIMARY KEY, parent integer, FOREIGN KEY (parent) REFERENCES parents (id) ON DELETE SET NULL);
-- takes
DELETE FROM parents;
