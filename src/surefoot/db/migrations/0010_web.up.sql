CREATE TABLE idempotency_keys (
    id bytea CONSTRAINT idempotency_keys_pkey PRIMARY KEY,
    request bytea NOT NULL,
    answer uuid,
    created_at timestamptz NOT NULL
);
COMMENT ON TABLE idempotency_keys IS 'Answers to what was created with an Idempotency-Key, for a day';
COMMENT ON COLUMN idempotency_keys.id IS 'SHA-256 over who asked, for which operation, with which key';
COMMENT ON COLUMN idempotency_keys.request IS 'SHA-256 over what was asked';
COMMENT ON COLUMN idempotency_keys.answer IS 'The sealed answer: it may hold a secret that is shown once';
CREATE INDEX idempotency_keys_created_at ON idempotency_keys (created_at);
