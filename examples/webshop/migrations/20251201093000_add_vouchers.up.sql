CREATE TABLE vouchers (
    code           text PRIMARY KEY CHECK (code = upper(code)),
    discount_cents amount_cents NOT NULL,
    valid          tstzrange NOT NULL CHECK (NOT isempty(valid)),
    used_by        bigint UNIQUE REFERENCES orders ON DELETE SET NULL
);

-- Only those still to be used are ever looked for by date.
CREATE INDEX vouchers_open_idx ON vouchers USING gist (valid) WHERE used_by IS NULL;

CREATE FUNCTION redeem_voucher(voucher text, for_order bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    discount bigint;
BEGIN
    UPDATE vouchers SET used_by = for_order
    WHERE code = upper(voucher) AND used_by IS NULL AND valid @> now()
    RETURNING discount_cents INTO discount;

    RETURN coalesce(discount, 0);  -- a code that is unknown, used or expired takes nothing off
END;
$$;

INSERT INTO vouchers (code, discount_cents, valid) VALUES
    ('ADVENT2025', 1000, '[2025-12-01 00:00+00, 2025-12-25 00:00+00)'),
    ('HELLO; WINTER', 500, '[2025-12-01 00:00+00, 2026-03-01 00:00+00)');
