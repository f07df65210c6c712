CREATE DEFINER=`root`@`localhost` VIEW order_ids AS SELECT id FROM orders; -- found
