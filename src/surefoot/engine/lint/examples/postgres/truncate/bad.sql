TRUNCATE visits; -- found
