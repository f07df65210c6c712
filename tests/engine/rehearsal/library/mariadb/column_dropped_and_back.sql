-- verdict: lossy
-- finds: (note)
-- base
CREATE TABLE customers (id integer PRIMARY KEY, email varchar(80) NOT NULL);
CREATE TABLE orders (
    id integer PRIMARY KEY,
    customer_id integer NOT NULL,
    total decimal(10, 2) NOT NULL DEFAULT 0,
    note varchar(200) COMMENT 'Free text',
    CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES customers (id)
);
-- up
ALTER TABLE orders DROP COLUMN note;
-- down
ALTER TABLE orders ADD COLUMN note varchar(200) COMMENT 'Free text';
