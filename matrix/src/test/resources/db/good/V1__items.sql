CREATE TABLE item (id INTEGER PRIMARY KEY, text TEXT NOT NULL);
-- What differs in every run tells a database that was restored from one that was made anew.
INSERT INTO item (text) VALUES (hex(randomblob(8))), (hex(randomblob(8))), (hex(randomblob(8)));
