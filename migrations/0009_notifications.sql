-- What is to be told to people, until it was told: written in the transaction that found it out, sent after.

-- The channels that are configured, and how far each has been told. A channel that comes new begins with what
-- happens from then on; one that goes is forgotten, so that it is new when it comes back.
CREATE TABLE notification_channel (
    channel         TEXT PRIMARY KEY CHECK (channel IN ('webhook', 'slack', 'email', 'sns')),
    last_event_id   INTEGER NOT NULL,
    last_loss_id    INTEGER NOT NULL,
    -- No scan had come to its end when the channel was first seen: the first that does is told in a summary.
    awaits_baseline INTEGER NOT NULL CHECK (awaits_baseline IN (0, 1))
) STRICT, WITHOUT ROWID;

-- Coverage that was lost and that some channel has not been told of: the target, and the period that began.
-- Rows go once every channel was told.
CREATE TABLE coverage_loss (
    loss_id   INTEGER PRIMARY KEY AUTOINCREMENT,
    target_id INTEGER NOT NULL REFERENCES target,
    period    INTEGER NOT NULL
) STRICT;

-- A target's foreign key.
CREATE INDEX coverage_loss_by_target ON coverage_loss (target_id);

-- A target that was scanned has failed. Coverage has no events of its own that a channel could count by.
CREATE TRIGGER coverage_lost AFTER INSERT ON coverage_period
WHEN NEW.part = '' AND NEW.outcome = 'failed' AND NEW.period > 1
BEGIN
    INSERT INTO coverage_loss (target_id, period)
    SELECT NEW.target_id, NEW.period
    WHERE EXISTS (SELECT 1 FROM notification_channel)
      AND 'scanned' = (SELECT p.outcome FROM coverage_period p
                       WHERE p.target_id = NEW.target_id AND p.part = '' AND p.period < NEW.period
                       ORDER BY p.period DESC LIMIT 1);
END;

-- One message to one channel. `id` goes out with it, the same at every attempt, so that who gets it twice can
-- tell; `payload` says what happened, in the form that docs/notifications.md describes, and no secret.
-- `next_attempt_at` is empty once it was delivered or given up; while an attempt is made, it lies ahead, so that
-- an attempt that is never heard of again is made anew.
CREATE TABLE notification (
    notification_id INTEGER PRIMARY KEY AUTOINCREMENT,
    id              TEXT NOT NULL UNIQUE,
    channel         TEXT NOT NULL CHECK (channel IN ('webhook', 'slack', 'email', 'sns')),
    kind            TEXT NOT NULL CHECK (kind IN ('scan', 'baseline', 'report')),
    scan_id         INTEGER REFERENCES scan,
    created_at      TEXT NOT NULL,
    payload         TEXT NOT NULL CHECK (json_valid(payload)),
    attempts        INTEGER NOT NULL DEFAULT 0,
    next_attempt_at TEXT,
    delivered_at    TEXT,
    given_up_at     TEXT,
    last_error      TEXT,
    CHECK ((next_attempt_at IS NOT NULL) + (delivered_at IS NOT NULL) + (given_up_at IS NOT NULL) = 1)
) STRICT;

-- What is still to be sent.
CREATE INDEX notification_due ON notification (channel, next_attempt_at) WHERE next_attempt_at IS NOT NULL;

-- A scan's foreign key.
CREATE INDEX notification_by_scan ON notification (scan_id);
