COMMENT ON TABLE customers IS 'People who have an account. Guests have a cart only.';
COMMENT ON TABLE orders IS 'What somebody has bought; never deleted, see order_status.';
COMMENT ON TABLE order_items IS 'The lines of an order, with the price at that time.';
COMMENT ON TABLE inventory IS 'Pieces on the shelf; triggers on order_items keep it.';
COMMENT ON TABLE audit_events IS 'Who did what and when: one partition for each month, in UTC.';
COMMENT ON COLUMN orders.updated_at IS 'Kept by the trigger orders_touch_updated_at.';
COMMENT ON TYPE order_status IS 'pending → paid → shipped; cancelled or refunded end it.';
COMMENT ON VIEW order_totals IS 'One row for each order: the customer''s name, what it costs; what is paid.';
