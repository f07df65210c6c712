-- verdict: lossy
-- finds: loss orders: 3 of 3
-- base
CREATE TABLE orders (id integer PRIMARY KEY, note varchar(200));
CREATE FUNCTION take() RETURNS integer MODIFIES SQL DATA
BEGIN
    DELETE FROM orders;
    RETURN 1;
END;
-- up
CREATE TABLE kept (
    c0 varchar(20) COMMENT 'A column that makes the statement longer than what is shown of it',
    c1 varchar(20) COMMENT 'A column that makes the statement longer than what is shown of it',
    c2 varchar(20) COMMENT 'A column that makes the statement longer than what is shown of it',
    c3 varchar(20) COMMENT 'A column that makes the statement longer than what is shown of it',
    c4 varchar(20) COMMENT 'A column that makes the statement longer than what is shown of it',
    c5 varchar(20) COMMENT 'A column that makes the statement longer than what is shown of it',
    c6 varchar(20) COMMENT 'A column that makes the statement longer than what is shown of it',
    c7 varchar(20) COMMENT 'A column that makes the statement longer than what is shown of it',
    c8 varchar(20) COMMENT 'A column that makes the statement longer than what is shown of it',
    c9 varchar(20) COMMENT 'A column that makes the statement longer than what is shown of it',
    c10 varchar(20) COMMENT 'A column that makes the statement longer than what is shown of it',
    c11 varchar(20) COMMENT 'A column that makes the statement longer than what is shown of it',
    c12 varchar(20) COMMENT 'A column that makes the statement longer than what is shown of it',
    c13 varchar(20) COMMENT 'A column that makes the statement longer than what is shown of it',
    c14 varchar(20) COMMENT 'A column that makes the statement longer than what is shown of it',
    c15 varchar(20) COMMENT 'A column that makes the statement longer than what is shown of it',
    c16 varchar(20) COMMENT 'A column that makes the statement longer than what is shown of it',
    c17 varchar(20) COMMENT 'A column that makes the statement longer than what is shown of it',
    c18 varchar(20) COMMENT 'A column that makes the statement longer than what is shown of it',
    c19 varchar(20) COMMENT 'A column that makes the statement longer than what is shown of it',
    c20 varchar(20) COMMENT 'A column that makes the statement longer than what is shown of it',
    c21 varchar(20) COMMENT 'A column that makes the statement longer than what is shown of it',
    c22 varchar(20) COMMENT 'A column that makes the statement longer than what is shown of it',
    c23 varchar(20) COMMENT 'A column that makes the statement longer than what is shown of it',
    c24 varchar(20) COMMENT 'A column that makes the statement longer than what is shown of it',
    c25 varchar(20) COMMENT 'A column that makes the statement longer than what is shown of it',
    c26 varchar(20) COMMENT 'A column that makes the statement longer than what is shown of it',
    c27 varchar(20) COMMENT 'A column that makes the statement longer than what is shown of it',
    c28 varchar(20) COMMENT 'A column that makes the statement longer than what is shown of it',
    c29 varchar(20) COMMENT 'A column that makes the statement longer than what is shown of it',
    taken integer
) SELECT take() AS taken;
-- down
DROP TABLE kept;
