ALTER TABLE bookings ADD CONSTRAINT bookings_apart EXCLUDE USING gist (during WITH &&); -- found
