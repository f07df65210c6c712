ALTER TABLE orders MODIFY status varchar(40) NOT NULL DEFAULT 'new' COMMENT 'see the handbook';
