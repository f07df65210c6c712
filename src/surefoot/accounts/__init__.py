"""People and their credentials: sign-up, sign-in, sessions, second factors."""
