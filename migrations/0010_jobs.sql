-- The daemon's periodic work, a row for each job: what became of its last run, so that a restart neither skips nor
-- repeats one. `planned_at` is the time that the last run was due by the schedule; it began later by jitter, or because
-- nobody was there.
CREATE TABLE job (
    name        TEXT PRIMARY KEY,
    planned_at  TEXT NOT NULL,
    started_at  TEXT NOT NULL,
    finished_at TEXT,
    outcome     TEXT NOT NULL CHECK (outcome IN ('running', 'done', 'failed', 'interrupted')),
    message     TEXT,
    -- The end of the last run that did its work.
    done_at     TEXT,
    -- Runs that failed since then, in a row.
    failures    INTEGER NOT NULL DEFAULT 0,
    -- When the next one is due; a running daemon keeps it.
    next_at     TEXT,
    CHECK ((outcome = 'running') = (finished_at IS NULL))
) STRICT, WITHOUT ROWID;

CREATE VIEW jobs AS
SELECT name AS job, outcome, started_at, finished_at, message, done_at, failures, next_at FROM job;
