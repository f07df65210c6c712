-- The trigger has kept full_name true, so nothing needs to be put back.
DROP TRIGGER customers_keep_names_together ON customers;
DROP FUNCTION keep_customer_names_together();

ALTER TABLE customers
    DROP COLUMN last_name,
    DROP COLUMN first_name;
