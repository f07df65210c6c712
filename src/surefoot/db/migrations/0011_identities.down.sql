DROP TABLE social_attempts;
DROP TABLE identities;
