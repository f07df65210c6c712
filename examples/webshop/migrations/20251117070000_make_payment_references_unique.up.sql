-- The bank sent a file twice. The index is built beside the traffic; the constraint then takes it over at once.
CREATE UNIQUE INDEX CONCURRENTLY payments_method_reference_key ON payments (method, reference);

ALTER TABLE payments
    ADD CONSTRAINT payments_method_reference_key UNIQUE USING INDEX payments_method_reference_key;
