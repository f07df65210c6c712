DROP FUNCTION redeem_voucher(text, bigint);
DROP TABLE vouchers;
