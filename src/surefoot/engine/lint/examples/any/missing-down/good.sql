-- migrate:up
CREATE TABLE vouchers (id integer PRIMARY KEY);
-- migrate:down
DROP TABLE vouchers;
