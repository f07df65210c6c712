-- verdict: proven
-- base
CREATE TABLE doc (id INTEGER PRIMARY KEY, body TEXT NOT NULL);
CREATE VIRTUAL TABLE fts USING fts5(body, content='doc', content_rowid='id');
CREATE TRIGGER doc_ai AFTER INSERT ON doc BEGIN INSERT INTO fts(rowid, body) VALUES (new.id, new.body); END;
-- up
DROP TRIGGER doc_ai; DROP TABLE fts;
-- down
CREATE VIRTUAL TABLE fts USING fts5(body, content='doc', content_rowid='id');
INSERT INTO fts(fts) VALUES ('rebuild');
CREATE TRIGGER doc_ai AFTER INSERT ON doc BEGIN INSERT INTO fts(rowid, body) VALUES (new.id, new.body); END;
