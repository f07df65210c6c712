ALTER TABLE orders CHANGE note remark text; -- found
