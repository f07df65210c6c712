ALTER TABLE events_2026
    ADD CONSTRAINT events_2026_bounds CHECK (happened >= '2026-01-01' AND happened < '2027-01-01') NOT VALID;
-- next migration
ALTER TABLE events_2026 VALIDATE CONSTRAINT events_2026_bounds;
-- next migration
ALTER TABLE events ATTACH PARTITION events_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
