CREATE ROLE lint_example LOGIN;
DROP ROLE lint_example;
