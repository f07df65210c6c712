CREATE TABLE inventory (
    product_id bigint PRIMARY KEY REFERENCES products ON DELETE CASCADE,
    on_hand    integer NOT NULL DEFAULT 0,
    CONSTRAINT inventory_not_oversold CHECK (on_hand >= 0)
);

INSERT INTO inventory (product_id) SELECT id FROM products;

CREATE FUNCTION take_from_stock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- The row lock makes two orders for the last pair of boots wait for each other.
    UPDATE inventory SET on_hand = on_hand - NEW.quantity
    WHERE product_id = NEW.product_id AND on_hand >= NEW.quantity;

    IF NOT FOUND THEN
        RAISE EXCEPTION 'product % is out of stock', NEW.product_id
            USING ERRCODE = 'check_violation', HINT = 'Offer a back order; do not retry.';
    END IF;
    RETURN NEW;
END;
$$;

CREATE FUNCTION return_to_stock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE inventory SET on_hand = on_hand + OLD.quantity WHERE product_id = OLD.product_id;
    RETURN OLD;
END;
$$;

CREATE TRIGGER order_items_take_from_stock
    AFTER INSERT ON order_items
    FOR EACH ROW EXECUTE FUNCTION take_from_stock();

CREATE TRIGGER order_items_return_to_stock
    AFTER DELETE ON order_items
    FOR EACH ROW EXECUTE FUNCTION return_to_stock();
