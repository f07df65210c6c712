CREATE TABLE sealed (
    id uuid NOT NULL,
    about text NOT NULL,
    key_id text NOT NULL,
    wrapped bytea NOT NULL,
    nonce bytea NOT NULL,
    ciphertext bytea NOT NULL,
    sealed_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT sealed_pkey PRIMARY KEY (id)
);
CREATE INDEX sealed_key_id ON sealed (key_id);
COMMENT ON TABLE sealed IS 'Secrets, each under a key of its own; the keys that open these are never in the database';
COMMENT ON COLUMN sealed.about IS 'What the secret belongs to; part of what the ciphertext is bound to';
COMMENT ON COLUMN sealed.key_id IS 'The master key under which the record''s key is wrapped';
COMMENT ON COLUMN sealed.wrapped IS 'A nonce of 12 bytes, and the record''s key under AES-256-GCM, bound to id and key_id';
COMMENT ON COLUMN sealed.ciphertext IS 'The secret under AES-256-GCM with the record''s key, bound to id and about';
