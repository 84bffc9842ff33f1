BEGIN TRANSACTION;
CREATE TABLE accounts (
	id INTEGER NOT NULL, 
	name VARCHAR(100) NOT NULL, 
	role VARCHAR(20) NOT NULL, 
	password VARCHAR(200) NOT NULL, 
	disabled BOOLEAN NOT NULL, 
	created DATETIME NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (name)
);
INSERT INTO "accounts" VALUES(1,'Ann Clinician','clinician','$argon2id$v=19$m=65536,t=3,p=4$8n2z902yHKCOxg87Cqgh5Q$uHv0drUUktXYJ5cgfwODlHImkkapHxe1wyOtbxJrXYQ',0,'2026-11-29 19:36:55.409394');
INSERT INTO "accounts" VALUES(2,'root','administrator','$argon2id$v=19$m=65536,t=3,p=4$lbMXMFq2usjGCwSZkIpC/Q$7AlCr0iLcwAj1rkXZAzN1Rjwu8gIqwC8Pe+dVpWL1iU',0,'2026-11-29 19:36:56.252284');
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0002');
CREATE TABLE audit (
	id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	"by" VARCHAR(100) NOT NULL, 
	action VARCHAR(60) NOT NULL, 
	person_id INTEGER, 
	detail TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "audit" VALUES(1,'2026-11-29 19:36:57.204327','root','people found',NULL,'a search');
CREATE TABLE jobs (
	id INTEGER NOT NULL, 
	kind VARCHAR(40) NOT NULL, 
	person_id INTEGER, 
	payload JSON NOT NULL, 
	"by" VARCHAR(100) NOT NULL, 
	state VARCHAR(20) NOT NULL, 
	share FLOAT NOT NULL, 
	what TEXT NOT NULL, 
	result BLOB, 
	result_path TEXT, 
	created DATETIME NOT NULL, 
	finished DATETIME, 
	PRIMARY KEY (id), 
	FOREIGN KEY(person_id) REFERENCES people (id)
);
INSERT INTO "jobs" VALUES(1,'forecast',1,'{"horizon": "2 years"}','Ann Clinician','queued',0.0,'',NULL,NULL,'2026-11-29 19:36:57.205305',NULL);
CREATE TABLE keys (
	name VARCHAR(40) NOT NULL, 
	value BLOB NOT NULL, 
	PRIMARY KEY (name)
);
CREATE TABLE overrides (
	id INTEGER NOT NULL, 
	person_id INTEGER, 
	record_id VARCHAR(200) NOT NULL, 
	rule VARCHAR(40) NOT NULL, 
	reason TEXT NOT NULL, 
	"by" VARCHAR(100) NOT NULL, 
	at DATETIME NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(person_id) REFERENCES people (id)
);
INSERT INTO "overrides" VALUES(1,1,'A-1','PD-07','loading dose given','Ann Clinician','2026-11-29 19:36:57.091254');
CREATE TABLE people (
	id INTEGER NOT NULL, 
	version INTEGER NOT NULL, 
	record JSON NOT NULL, 
	record_id VARCHAR(200) NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	sought TEXT NOT NULL, 
	sex VARCHAR(10) NOT NULL, 
	birth_date DATE NOT NULL, 
	last_seen DATE NOT NULL, 
	next_due DATE, 
	deleted BOOLEAN NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "people" VALUES(1,2,'{"person": {"id": "A-1", "name": "Ann Example", "sex": "female", "birth_date": "1955-03-09", "record_date": "2026-09-15", "weight": "60 kg"}, "doses": [{"drug": "denosumab", "amount": "60 mg", "date": "2025-09-14", "key": "7d72d769"}, {"drug": "denosumab", "amount": "60 mg", "date": "2026-03-16", "key": "4154a281"}], "measurements": [{"test": "CTX", "value": "<0.05 ng/mL", "date": "2026-09-10", "key": "531ddea2"}, {"test": "calcium", "value": "2.31 mmol/L", "date": "2026-09-10", "key": "d59efbf0"}]}','A-1','Ann Example','ann example a-1','female','1955-03-09','2026-09-10','2026-09-15',0);
INSERT INTO "people" VALUES(2,2,'{"person": {"id": "B-2", "name": "Bj\u00f6rn Beispiel", "sex": "male", "birth_date": "1949-07-01", "record_date": "2026-09-01", "weight": "80 kg"}, "doses": [], "measurements": []}','B-2','Björn Beispiel','björn beispiel b-2','male','1949-07-01','2026-09-01',NULL,1);
CREATE TABLE sessions (
	token_hash VARCHAR(64) NOT NULL, 
	account_id INTEGER NOT NULL, 
	created DATETIME NOT NULL, 
	used DATETIME NOT NULL, 
	PRIMARY KEY (token_hash), 
	FOREIGN KEY(account_id) REFERENCES accounts (id)
);
INSERT INTO "sessions" VALUES('d467cacba6c5bbbc285dd67b31566950ed5edd6047d6e0f3e0509d416584b890',1,'2026-11-29 19:36:57.206226','2026-11-29 19:36:57.206226');
CREATE TABLE versions (
	person_id INTEGER NOT NULL, 
	version INTEGER NOT NULL, 
	action VARCHAR(20) NOT NULL, 
	"by" VARCHAR(100) NOT NULL, 
	at DATETIME NOT NULL, 
	record JSON NOT NULL, 
	PRIMARY KEY (person_id, version), 
	FOREIGN KEY(person_id) REFERENCES people (id)
);
INSERT INTO "versions" VALUES(1,1,'added','Ann Clinician','2026-11-29 19:36:57.056676','{"person": {"id": "A-1", "name": "Ann Example", "sex": "female", "birth_date": "1955-03-09", "record_date": "2026-09-15", "weight": "61 kg"}, "doses": [{"drug": "denosumab", "amount": "60 mg", "date": "2025-09-14", "key": "7d72d769"}, {"drug": "denosumab", "amount": "60 mg", "date": "2026-03-16", "key": "4154a281"}], "measurements": [{"test": "CTX", "value": "<0.05 ng/mL", "date": "2026-09-10", "key": "531ddea2"}, {"test": "calcium", "value": "2.31 mmol/L", "date": "2026-09-10", "key": "d59efbf0"}]}');
INSERT INTO "versions" VALUES(2,1,'added','Ann Clinician','2026-11-29 19:36:57.068106','{"person": {"id": "B-2", "name": "Bj\u00f6rn Beispiel", "sex": "male", "birth_date": "1949-07-01", "record_date": "2026-09-01", "weight": "80 kg"}, "doses": [], "measurements": []}');
INSERT INTO "versions" VALUES(1,2,'changed','Ann Clinician','2026-11-29 19:36:57.077876','{"person": {"id": "A-1", "name": "Ann Example", "sex": "female", "birth_date": "1955-03-09", "record_date": "2026-09-15", "weight": "60 kg"}, "doses": [{"drug": "denosumab", "amount": "60 mg", "date": "2025-09-14", "key": "7d72d769"}, {"drug": "denosumab", "amount": "60 mg", "date": "2026-03-16", "key": "4154a281"}], "measurements": [{"test": "CTX", "value": "<0.05 ng/mL", "date": "2026-09-10", "key": "531ddea2"}, {"test": "calcium", "value": "2.31 mmol/L", "date": "2026-09-10", "key": "d59efbf0"}]}');
INSERT INTO "versions" VALUES(2,2,'deleted','root','2026-11-29 19:36:57.090798','{"person": {"id": "B-2", "name": "Bj\u00f6rn Beispiel", "sex": "male", "birth_date": "1949-07-01", "record_date": "2026-09-01", "weight": "80 kg"}, "doses": [], "measurements": []}');
CREATE TABLE withdrawals (
	override_id INTEGER NOT NULL, 
	"by" VARCHAR(100) NOT NULL, 
	at DATETIME NOT NULL, 
	PRIMARY KEY (override_id), 
	FOREIGN KEY(override_id) REFERENCES overrides (id)
);
CREATE INDEX people_by_due ON people (deleted, next_due);
CREATE INDEX people_by_record_id ON people (record_id);
CREATE INDEX ix_overrides_person_id ON overrides (person_id);
CREATE INDEX ix_jobs_state ON jobs (state);
CREATE INDEX ix_jobs_person_id ON jobs (person_id);
CREATE INDEX ix_sessions_account_id ON sessions (account_id);
CREATE INDEX ix_audit_at ON audit (at);
CREATE TRIGGER versions_no_update BEFORE UPDATE ON versions BEGIN SELECT RAISE(ABORT, 'versions is only added to'); END;
CREATE TRIGGER versions_no_delete BEFORE DELETE ON versions BEGIN SELECT RAISE(ABORT, 'versions is only added to'); END;
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit is only added to'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit is only added to'); END;
CREATE TRIGGER overrides_no_update BEFORE UPDATE ON overrides BEGIN SELECT RAISE(ABORT, 'overrides is only added to'); END;
CREATE TRIGGER overrides_no_delete BEFORE DELETE ON overrides BEGIN SELECT RAISE(ABORT, 'overrides is only added to'); END;
CREATE TRIGGER withdrawals_no_update BEFORE UPDATE ON withdrawals BEGIN SELECT RAISE(ABORT, 'withdrawals is only added to'); END;
CREATE TRIGGER withdrawals_no_delete BEFORE DELETE ON withdrawals BEGIN SELECT RAISE(ABORT, 'withdrawals is only added to'); END;
COMMIT;
