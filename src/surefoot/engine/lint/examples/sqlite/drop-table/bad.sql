DROP TABLE visits; -- found
