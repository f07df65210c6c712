"""Who did what, in chains that cannot be changed unnoticed."""
