CREATE ROLE lint_example LOGIN PASSWORD 'correct horse'; -- found
DROP ROLE lint_example;
