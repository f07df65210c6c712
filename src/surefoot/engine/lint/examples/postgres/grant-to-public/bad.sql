GRANT SELECT ON orders TO PUBLIC; -- found
