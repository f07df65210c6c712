CREATE USER IF NOT EXISTS lint_example IDENTIFIED BY 'correct horse'; -- found
