"""Rules for MariaDB and MySQL, on tokens."""
