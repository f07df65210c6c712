CREATE TABLE posts (id bigint PRIMARY KEY) ENGINE=MyISAM; -- found
