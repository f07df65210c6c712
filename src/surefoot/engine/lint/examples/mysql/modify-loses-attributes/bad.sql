ALTER TABLE orders MODIFY status varchar(40) DEFAULT 'new'; -- found
