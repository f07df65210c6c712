CREATE TABLE limits (
    key bytea NOT NULL,
    name text NOT NULL,
    arrival timestamptz NOT NULL,
    CONSTRAINT limits_pkey PRIMARY KEY (key)
)
-- Room on each page for the next version of a row, which then needs no new entry in the index.
WITH (fillfactor = 60);
COMMENT ON TABLE limits IS 'Attempts, counted by GCRA. It is logged, so that limits of an hour or a day outlive a crash';
COMMENT ON COLUMN limits.key IS 'HMAC-SHA-256 of the limit''s name and its subject';
COMMENT ON COLUMN limits.arrival IS 'The theoretical arrival time: in the past, everything is there to be taken';

CREATE FUNCTION refused_limits(keys bytea[], names text[], counts integer[], periods double precision[])
RETURNS TABLE (refused text, wait double precision)
LANGUAGE sql VOLATILE
AS $$
    SELECT wanted.name, extract(epoch FROM limits.arrival - clock_timestamp())::double precision + step - period
    FROM (SELECT u.*, u.period / u.count AS step FROM unnest(keys, names, counts, periods) AS u (key, name, count, period)) AS wanted
    JOIN limits ON limits.key = wanted.key
    WHERE isfinite(limits.arrival)
      AND extract(epoch FROM limits.arrival - clock_timestamp())::double precision + step > period
$$;
COMMENT ON FUNCTION refused_limits IS 'Which of these limits has nothing left, and the seconds until it has';

CREATE FUNCTION take_limits(keys bytea[], names text[], counts integer[], periods double precision[])
RETURNS TABLE (refused text, wait double precision)
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    -- A refusal that can be seen without a lock is one: a flood of them writes nothing and waits for nobody.
    RETURN QUERY SELECT r.refused, r.wait FROM refused_limits(keys, names, counts, periods) AS r;
    IF FOUND THEN
        RETURN;
    END IF;
    -- An attempt is worth no wait for the disk. It holds to the end of this transaction, which is this statement.
    PERFORM set_config('synchronous_commit', 'off', true);
    -- One row after the other, in the order given, which is the same for everybody: nobody waits in a circle.
    FOR i IN 1 .. cardinality(keys) LOOP
        LOOP
            PERFORM FROM limits WHERE limits.key = keys[i] FOR UPDATE;
            EXIT WHEN FOUND;
            INSERT INTO limits (key, name, arrival) VALUES (keys[i], names[i], '-infinity') ON CONFLICT DO NOTHING;
            EXIT WHEN FOUND;
        END LOOP;
    END LOOP;
    RETURN QUERY SELECT r.refused, r.wait FROM refused_limits(keys, names, counts, periods) AS r;
    IF FOUND THEN
        RETURN;
    END IF;
    UPDATE limits
    SET arrival = greatest(limits.arrival, clock_timestamp()) + make_interval(secs => wanted.period / wanted.count)
    FROM unnest(keys, counts, periods) AS wanted (key, count, period)
    WHERE limits.key = wanted.key;
END
$$;
COMMENT ON FUNCTION take_limits IS 'Takes one of each limit and returns nothing, or takes nothing and returns what is refused; keys are sorted';
