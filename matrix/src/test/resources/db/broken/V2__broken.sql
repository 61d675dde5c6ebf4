INSERT INTO item (text) VALUES ('of a migration that fails');
INSERT INTO missing (text) VALUES ('no such table');
