DROP TABLE challenges;
DROP TABLE link_tokens;
DROP TABLE sign_in_places;
DROP TABLE sessions;
DROP TABLE accounts;
