"""Static pages for what a mail, a terminal or a provider sends people to."""
