-- How sure the answer of a target is, and which targets a scan left unasked for that.

-- How often in a row the target has said again what it said before; 0 where its last record said something new.
-- It tells how often a target has to be asked, and nothing else.
ALTER TABLE target ADD COLUMN streak INTEGER NOT NULL DEFAULT 0 CHECK (streak >= 0);

-- How many of the scan's targets were not asked, because what is known of them is young enough. They are counted
-- in `targets` and by their outcome too, so that a scan counts every target whether it was asked or not.
ALTER TABLE scan ADD COLUMN deferred INTEGER NOT NULL DEFAULT 0;

DROP VIEW scans;
CREATE VIEW scans AS
SELECT scan_id, "trigger", started_at, finished_at, outcome, targets, scanned, failed, skipped, resources,
       findings_opened, findings_resolved, api_calls, throttled_calls, deferred
FROM scan;

-- As before, with the age of what is known: the hours since the target was last seen whole, as of now.
DROP VIEW coverage;
CREATE VIEW coverage AS
SELECT account_id, account_name, region, outcome, reason, error_code, error_message, since, last_attempt_at,
       last_scanned_at, (unixepoch('now') - unixepoch(last_scanned_at)) / 3600.0 AS age_hours
FROM (
    SELECT t.account_id, a.name AS account_name, t.region, c.outcome, c.reason, c.error_code, c.error_message,
           c.valid_from AS since, t.last_attempt_at,
           (SELECT max(coalesce(s.last_at, t.last_attempt_at)) FROM coverage_period s
            WHERE s.target_id = t.target_id AND s.part = '' AND s.outcome = 'scanned') AS last_scanned_at
    FROM target t
    JOIN account a ON a.account_id = t.account_id
    JOIN coverage_period c ON c.target_id = t.target_id AND c.part = '' AND c.valid_to IS NULL
);
