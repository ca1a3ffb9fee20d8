-- What was done to put findings right: one row for each time that `remediate apply` set out, and everything it did,
-- journalled before and after. It outlives the finding, which may be pruned, so it refers to none.
CREATE TABLE remediation (
    remediation_id   INTEGER PRIMARY KEY AUTOINCREMENT,
    finding_id       INTEGER NOT NULL,
    check_id         TEXT NOT NULL,
    account_id       TEXT NOT NULL,
    region           TEXT NOT NULL,
    resource_arn     TEXT NOT NULL,
    resource_type    TEXT NOT NULL,
    -- Whose credentials began it.
    actor            TEXT NOT NULL,
    replacement_name TEXT NOT NULL,
    replacement_arn  TEXT,
    key_arn          TEXT,
    started_at       TEXT NOT NULL,
    updated_at       TEXT NOT NULL,
    finished_at      TEXT,
    -- `waiting`: all is moved, and the source is still to be deleted.
    state            TEXT NOT NULL CHECK (state IN ('running', 'waiting', 'failed', 'interrupted', 'done')),
    message          TEXT,
    CHECK ((state = 'done') = (finished_at IS NOT NULL)),
    CHECK (updated_at >= started_at)
) STRICT;

-- Whoever begins again goes on with what was begun.
CREATE UNIQUE INDEX remediation_of ON remediation (resource_arn, check_id) WHERE state <> 'done';

CREATE TABLE remediation_entry (
    entry_id       INTEGER PRIMARY KEY AUTOINCREMENT,
    remediation_id INTEGER NOT NULL REFERENCES remediation,
    at             TEXT NOT NULL,
    step           TEXT NOT NULL,
    -- What the step is done to: the ARN of a task, an endpoint, a key; the replacement's name before it has an ARN.
    subject        TEXT NOT NULL,
    event          TEXT NOT NULL CHECK (event IN ('started', 'done', 'already', 'failed', 'interrupted')),
    -- What has to be known to go on: JSON.
    detail         TEXT CHECK (detail IS NULL OR json_valid(detail)),
    message        TEXT
) STRICT;
CREATE INDEX remediation_entry_of ON remediation_entry (remediation_id);

CREATE TRIGGER remediation_entry_no_update BEFORE UPDATE ON remediation_entry BEGIN
    SELECT RAISE(ABORT, 'a journal is never changed');
END;
CREATE TRIGGER remediation_entry_no_delete BEFORE DELETE ON remediation_entry BEGIN
    SELECT RAISE(ABORT, 'a journal is never deleted');
END;

CREATE VIEW remediations AS
SELECT remediation_id, finding_id, check_id, account_id, region, resource_arn, resource_type, actor, replacement_name,
       replacement_arn, key_arn, state, started_at, updated_at, finished_at, message
FROM remediation;

CREATE VIEW remediation_steps AS
SELECT entry_id, remediation_id, at, step, subject, event, message FROM remediation_entry;
