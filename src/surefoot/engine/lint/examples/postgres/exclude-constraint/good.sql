CREATE TABLE bookings_2 (
    id bigint PRIMARY KEY,
    during daterange,
    CONSTRAINT bookings_2_apart EXCLUDE USING gist (during WITH &&)
);
