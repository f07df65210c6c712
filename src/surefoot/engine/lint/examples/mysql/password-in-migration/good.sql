CREATE TABLE app_roles (name varchar(60) PRIMARY KEY);
