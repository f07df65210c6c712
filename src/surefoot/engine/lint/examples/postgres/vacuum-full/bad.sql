VACUUM FULL orders; -- found
