"""What is wrong with a migration's SQL, as far as its text tells."""
