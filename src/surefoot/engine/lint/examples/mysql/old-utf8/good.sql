CREATE TABLE posts (id bigint PRIMARY KEY, body text) CHARACTER SET utf8mb4;
