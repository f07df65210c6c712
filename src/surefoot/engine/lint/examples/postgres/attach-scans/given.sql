CREATE TABLE events (id bigint, happened date NOT NULL) PARTITION BY RANGE (happened);
CREATE TABLE events_2026 (id bigint, happened date NOT NULL);
