TRUNCATE TABLE visits; -- found
