-- verdict: lossy
-- finds: loss fts: 
-- base
CREATE TABLE doc (id INTEGER PRIMARY KEY, body TEXT NOT NULL);
CREATE VIRTUAL TABLE fts USING fts4(body, content="doc");
CREATE TRIGGER doc_ai AFTER INSERT ON doc BEGIN INSERT INTO fts(docid, body) VALUES (new.id, new.body); END;
-- up
DROP TRIGGER doc_ai; DROP TABLE fts;
-- down
CREATE VIRTUAL TABLE fts USING fts4(body, content="doc");
CREATE TRIGGER doc_ai AFTER INSERT ON doc BEGIN INSERT INTO fts(docid, body) VALUES (new.id, new.body); END;
