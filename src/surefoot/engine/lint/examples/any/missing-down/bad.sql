-- migrate:up
CREATE TABLE vouchers (id integer PRIMARY KEY); -- found
