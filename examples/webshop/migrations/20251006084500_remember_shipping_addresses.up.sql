ALTER TABLE orders ADD COLUMN shipping_address_id bigint;

-- NOT VALID: new orders are checked from now on; the old ones tomorrow, under a lock that stops no writer.
ALTER TABLE orders
    ADD CONSTRAINT orders_shipping_address_id_fkey
    FOREIGN KEY (shipping_address_id) REFERENCES addresses ON DELETE RESTRICT NOT VALID;
