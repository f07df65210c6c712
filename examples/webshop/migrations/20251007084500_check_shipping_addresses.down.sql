-- The addresses that were filled in stay: they are true, and nothing tells them from those that customers chose.
ALTER TABLE orders DROP CONSTRAINT orders_shipping_address_id_fkey;
ALTER TABLE orders
    ADD CONSTRAINT orders_shipping_address_id_fkey
    FOREIGN KEY (shipping_address_id) REFERENCES addresses ON DELETE RESTRICT NOT VALID;
