-- The tables of the history. They may change from version to version; the views of 0002_views.sql may not.
--
-- What was true over time is kept as periods: a row holds from `valid_from` up to, not including, `valid_to`;
-- the one that still holds has no `valid_to`. Nothing is written for what did not change, so the file grows
-- with change, not with scans. Times are UTC, ISO 8601, to the second.

-- Tells a keywatch database from any other SQLite file ("kwch").
PRAGMA application_id = 1802986344;

CREATE TABLE scan (
    scan_id           INTEGER PRIMARY KEY AUTOINCREMENT,
    "trigger"         TEXT NOT NULL,
    started_at        TEXT NOT NULL,
    finished_at       TEXT,
    outcome           TEXT NOT NULL DEFAULT 'running'
                      CHECK (outcome IN ('running', 'complete', 'incomplete', 'interrupted')),
    targets           INTEGER NOT NULL DEFAULT 0,
    scanned           INTEGER NOT NULL DEFAULT 0,
    failed            INTEGER NOT NULL DEFAULT 0,
    skipped           INTEGER NOT NULL DEFAULT 0,
    resources         INTEGER NOT NULL DEFAULT 0,
    findings_opened   INTEGER NOT NULL DEFAULT 0,
    findings_resolved INTEGER NOT NULL DEFAULT 0,
    api_calls         INTEGER NOT NULL DEFAULT 0,
    throttled_calls   INTEGER NOT NULL DEFAULT 0
) STRICT;

-- What an account is now, or was when it left.
CREATE TABLE account (
    account_id    TEXT PRIMARY KEY,
    name          TEXT NOT NULL,
    email         TEXT NOT NULL,
    ou_path       TEXT,
    state         TEXT NOT NULL,
    joined_at     TEXT,
    first_seen_at TEXT NOT NULL,
    last_seen_at  TEXT NOT NULL,
    left_at       TEXT
) STRICT, WITHOUT ROWID;

-- What an account was, and the spans in which it belonged to the organization.
CREATE TABLE account_period (
    account_id TEXT NOT NULL REFERENCES account,
    period     INTEGER NOT NULL,
    name       TEXT NOT NULL,
    email      TEXT NOT NULL,
    ou_path    TEXT,
    state      TEXT NOT NULL,
    valid_from TEXT NOT NULL,
    valid_to   TEXT,
    PRIMARY KEY (account_id, period)
) STRICT, WITHOUT ROWID;

-- One account in one Region. An unchanged target costs one update of its row and nothing else:
-- `digest` stands for everything the last record said, and the times that follow from `last_attempt_at`
-- (of coverage, resources and findings) are worked out in the views.
CREATE TABLE target (
    target_id       INTEGER PRIMARY KEY,
    account_id      TEXT NOT NULL REFERENCES account,
    region          TEXT NOT NULL,
    digest          BLOB,
    last_attempt_at TEXT NOT NULL,
    last_scan_id    INTEGER REFERENCES scan,
    UNIQUE (account_id, region)
) STRICT;

-- What became of a target (`part` is empty), and of each kind of resource in it (`part` names the kind).
-- `last_at` is the last time a closed period was seen to hold; for the open one that is the target's
-- `last_attempt_at`. The primary key serves every read: the open periods of a target, the newest scanned
-- period of a part.
CREATE TABLE coverage_period (
    target_id     INTEGER NOT NULL REFERENCES target,
    part          TEXT NOT NULL,
    period        INTEGER NOT NULL,
    outcome       TEXT NOT NULL CHECK (outcome IN ('scanned', 'failed', 'skipped')),
    reason        TEXT,
    error_code    TEXT,
    error_message TEXT,
    request_id    TEXT,
    valid_from    TEXT NOT NULL,
    valid_to      TEXT,
    last_at       TEXT,
    PRIMARY KEY (target_id, part, period)
) STRICT, WITHOUT ROWID;

-- What a resource is now, or was when it was last listed. `last_seen_at` is set when it is deleted; until
-- then it follows from its target's coverage.
CREATE TABLE resource (
    resource_id   INTEGER PRIMARY KEY,
    target_id     INTEGER NOT NULL REFERENCES target,
    resource_type TEXT NOT NULL,
    arn           TEXT NOT NULL,
    name          TEXT NOT NULL,
    status        TEXT,
    key_arn       TEXT,
    key_manager   TEXT,
    key_state     TEXT,
    document      TEXT NOT NULL,
    valid_from    TEXT NOT NULL,
    first_seen_at TEXT NOT NULL,
    last_seen_at  TEXT,
    deleted_at    TEXT,
    UNIQUE (target_id, resource_type, arn)
) STRICT;

-- `findings show ARN`.
CREATE INDEX resource_by_arn ON resource (arn);

-- What a resource was before its present form: closed periods only.
CREATE TABLE resource_version (
    version_id  INTEGER PRIMARY KEY,
    resource_id INTEGER NOT NULL REFERENCES resource,
    name        TEXT NOT NULL,
    status      TEXT,
    key_arn     TEXT,
    key_manager TEXT,
    key_state   TEXT,
    document    TEXT NOT NULL,
    valid_from  TEXT NOT NULL,
    valid_to    TEXT NOT NULL
) STRICT;

-- One resource's past.
CREATE INDEX resource_version_by_resource ON resource_version (resource_id, valid_from);

-- What a check says of a resource.
CREATE TABLE evaluation (
    evaluation_id INTEGER PRIMARY KEY,
    resource_id   INTEGER NOT NULL REFERENCES resource,
    check_id      TEXT NOT NULL,
    status        TEXT NOT NULL CHECK (status IN ('pass', 'fail', 'unknown')),
    reason        TEXT NOT NULL,
    evidence      TEXT NOT NULL,
    valid_from    TEXT NOT NULL,
    valid_to      TEXT
) STRICT;

-- One resource's evaluations, in order; and that at most one per check holds.
CREATE INDEX evaluation_by_resource ON evaluation (resource_id, check_id, valid_from);
CREATE UNIQUE INDEX evaluation_open ON evaluation (resource_id, check_id) WHERE valid_to IS NULL;

-- `opened_at` is the start of the present or last opening; earlier ones are among the events.
-- `last_seen_at` is set when the finding resolves; until then it follows from its target's coverage.
CREATE TABLE finding (
    finding_id   INTEGER PRIMARY KEY AUTOINCREMENT,
    resource_id  INTEGER NOT NULL REFERENCES resource,
    check_id     TEXT NOT NULL,
    severity     TEXT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('open', 'resolved', 'suppressed')),
    status       TEXT NOT NULL CHECK (status IN ('pass', 'fail', 'unknown')),
    reason       TEXT NOT NULL,
    evidence     TEXT NOT NULL,
    opened_at    TEXT NOT NULL,
    last_seen_at TEXT,
    resolved_at  TEXT,
    resolution   TEXT,
    times_opened INTEGER NOT NULL DEFAULT 1,
    UNIQUE (resource_id, check_id),
    CHECK ((state = 'resolved') = (resolved_at IS NOT NULL)),
    CHECK ((state = 'resolved') = (resolution IS NOT NULL))
) STRICT;

-- Everything that happened to a finding.
CREATE TABLE finding_event (
    event_id    INTEGER PRIMARY KEY AUTOINCREMENT,
    finding_id  INTEGER NOT NULL REFERENCES finding,
    at          TEXT NOT NULL,
    scan_id     INTEGER REFERENCES scan,
    event       TEXT NOT NULL,
    from_status TEXT,
    to_status   TEXT,
    reason      TEXT,
    evidence    TEXT,
    resolution  TEXT
) STRICT;

-- One finding's life, in order.
CREATE INDEX finding_event_by_finding ON finding_event (finding_id, event_id);

-- An audit trail that can be edited is none.
CREATE TRIGGER finding_event_no_update BEFORE UPDATE ON finding_event BEGIN
    SELECT RAISE(ABORT, 'finding events are never changed');
END;
CREATE TRIGGER finding_event_no_delete BEFORE DELETE ON finding_event BEGIN
    SELECT RAISE(ABORT, 'finding events are never deleted');
END;
