ALTER TABLE payments DROP CONSTRAINT payments_method_reference_key;
