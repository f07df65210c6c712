-- migrate:up
CREATE TABLE vouchers (id integer PRIMARY KEY);
ALTER TABLE orders ADD COLUMN voucher_id integer;
-- migrate:down
ALTER TABLE orders DROP COLUMN voucher_id;
DROP TABLE vouchers;
