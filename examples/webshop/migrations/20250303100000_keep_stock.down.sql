DROP TRIGGER order_items_return_to_stock ON order_items;
DROP TRIGGER order_items_take_from_stock ON order_items;
DROP FUNCTION return_to_stock();
DROP FUNCTION take_from_stock();
DROP TABLE inventory;
