PRAGMA writable_schema = ON; -- found
UPDATE sqlite_schema SET sql = replace(sql, 'total INTEGER', 'total INTEGER NOT NULL') WHERE name = 'orders';
PRAGMA writable_schema = OFF;
