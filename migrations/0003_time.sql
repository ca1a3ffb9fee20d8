-- Accepted risk, and the views of time.

-- ---------------------------------------------------------------------------------------------------------
-- Exceptions
-- ---------------------------------------------------------------------------------------------------------

-- An accepted risk: which findings, who accepted it, why, and until when. A row says what it said on the day
-- it was made; all that is ever added is its end.
CREATE TABLE exception (
    exception_id INTEGER PRIMARY KEY AUTOINCREMENT,
    source       TEXT NOT NULL CHECK (source IN ('command', 'config')),
    -- Empty: all checks.
    check_id     TEXT,
    -- What it covers: one of these four.
    resource_arn TEXT,
    account_id   TEXT,
    -- An OU's or root's id, or a path of names; it covers what stands below too.
    ou           TEXT,
    tag_key      TEXT,
    tag_value    TEXT,
    reason       TEXT NOT NULL,
    owner        TEXT NOT NULL,
    created_at   TEXT NOT NULL,
    expires_at   TEXT NOT NULL,
    ended_at     TEXT,
    ended_by     TEXT CHECK (ended_by IN ('removed', 'expired')),
    CHECK ((resource_arn IS NOT NULL) + (account_id IS NOT NULL) + (ou IS NOT NULL) + (tag_key IS NOT NULL) = 1),
    CHECK ((tag_key IS NULL) = (tag_value IS NULL)),
    CHECK ((ended_at IS NULL) = (ended_by IS NULL)),
    CHECK (expires_at > created_at)
) STRICT;

-- The exceptions in force, which every scan asks for.
CREATE INDEX exception_in_force ON exception (exception_id) WHERE ended_at IS NULL;

-- The exception that suppresses a finding; empty in every other state.
ALTER TABLE finding ADD COLUMN exception_id INTEGER REFERENCES exception
    CHECK ((state = 'suppressed') = (exception_id IS NOT NULL));

-- What an exception suppresses.
CREATE INDEX finding_by_exception ON finding (exception_id) WHERE exception_id IS NOT NULL;

-- Of `suppressed`, and of the `reopened` that ends it (reason `exception_expired` or `exception_removed`).
ALTER TABLE finding_event ADD COLUMN exception_id INTEGER REFERENCES exception;

-- Few events are of this kind, and the views of time need them all.
CREATE INDEX finding_event_suppressed ON finding_event (finding_id, event_id) WHERE event = 'suppressed';

-- Every exception that ever was. `findings` is how many it suppresses now.
CREATE VIEW exceptions AS
SELECT exception_id, coalesce(ended_by, 'active') AS state, source, check_id, resource_arn, account_id, ou,
       tag_key, tag_value, reason, owner, created_at, expires_at, ended_at,
       (SELECT count(*) FROM finding f WHERE f.exception_id = x.exception_id) AS findings
FROM exception x;

-- As before, with the exception filled in.
DROP VIEW findings;
CREATE VIEW findings AS
SELECT f.finding_id, f.check_id, f.severity, f.state, f.status, f.reason, t.account_id,
       a.name AS account_name, a.ou_path, t.region, r.arn AS resource_arn, r.resource_type,
       r.name AS resource_name, r.key_arn,
       -- A resource that names no key is under DMS's default key, which AWS manages.
       CASE WHEN r.key_manager IS NULL AND f.reason = 'default_key' THEN 'AWS' ELSE r.key_manager END
           AS key_manager,
       r.key_state, f.evidence, f.opened_at,
       coalesce(f.last_seen_at,
                (SELECT max(coalesce(s.last_at, t.last_attempt_at)) FROM coverage_period s
                 WHERE s.target_id = r.target_id AND s.part = r.resource_type AND s.outcome = 'scanned'),
                f.opened_at) AS last_seen_at,
       f.resolved_at, f.resolution, f.times_opened,
       f.exception_id, x.expires_at AS exception_expires_at
FROM finding f
JOIN resource r ON r.resource_id = f.resource_id
JOIN target t ON t.target_id = r.target_id
JOIN account a ON a.account_id = t.account_id
LEFT JOIN exception x ON x.exception_id = f.exception_id;

-- ---------------------------------------------------------------------------------------------------------
-- The calendar
-- ---------------------------------------------------------------------------------------------------------

-- Every UTC day from the first scan's to the newest scan's, whether one was scanned on it or not. It lets the
-- views below look up the days that a state lasted, rather than count them out for each state.
CREATE TABLE day (
    day TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- The same for ISO weeks (`2026-W47`), by the Sunday that ends them. The label is kept because strftime knows
-- ISO weeks only since SQLite 3.46, and other programs read this file too: an ISO week belongs to the year of
-- its Thursday.
CREATE TABLE week (
    sunday TEXT PRIMARY KEY,
    week   TEXT NOT NULL UNIQUE
) STRICT, WITHOUT ROWID;

CREATE TRIGGER day_of_scan AFTER INSERT ON scan BEGIN
    INSERT OR IGNORE INTO day
    SELECT day FROM (
        WITH RECURSIVE due (day) AS (
            SELECT coalesce((SELECT max(day) FROM day), date(NEW.started_at))
            UNION ALL
            SELECT date(day, '+1 day') FROM due WHERE day < date(NEW.started_at)
        )
        SELECT day FROM due
    );
END;

-- A scan may end on another day than it began.
CREATE TRIGGER day_of_scan_end AFTER UPDATE OF finished_at ON scan WHEN NEW.finished_at IS NOT NULL BEGIN
    INSERT OR IGNORE INTO day
    SELECT day FROM (
        WITH RECURSIVE due (day) AS (
            SELECT coalesce((SELECT max(day) FROM day), date(NEW.finished_at))
            UNION ALL
            SELECT date(day, '+1 day') FROM due WHERE day < date(NEW.finished_at)
        )
        SELECT day FROM due
    );
END;

CREATE TRIGGER week_of_day AFTER INSERT ON day BEGIN
    INSERT OR IGNORE INTO week
    SELECT date(NEW.day, 'weekday 0'),
           strftime('%Y', NEW.day, 'weekday 0', '-3 days') || '-W'
           || printf('%02d', (strftime('%j', NEW.day, 'weekday 0', '-3 days') - 1) / 7 + 1);
END;

-- The days of the scans that there are already.
INSERT OR IGNORE INTO day
WITH RECURSIVE due (day) AS (
    SELECT min(date(started_at)) FROM scan HAVING count(*) > 0
    UNION ALL
    SELECT date(day, '+1 day') FROM due
    WHERE day < (SELECT max(date(coalesce(finished_at, started_at))) FROM scan)
)
SELECT day FROM due;

-- ---------------------------------------------------------------------------------------------------------
-- The views of time
-- ---------------------------------------------------------------------------------------------------------

-- Four building blocks, not part of the public face.

-- The spans in which an exception suppressed a finding: from the event that says so to the next that changes
-- the finding's state. (Its status may change meanwhile.)
CREATE VIEW suppression AS
SELECT s.finding_id, f.resource_id, f.check_id, s.exception_id, s.at AS valid_from,
       (SELECT n.at FROM finding_event n
        WHERE n.finding_id = s.finding_id AND n.event_id > s.event_id AND n.event <> 'status_changed'
        ORDER BY n.event_id LIMIT 1) AS valid_to
FROM finding_event s
JOIN finding f ON f.finding_id = s.finding_id
WHERE s.event = 'suppressed';

-- The verdicts that counted as suppressed, and while they did.
CREATE VIEW suppressed_verdict AS
SELECT e.resource_id, e.check_id, e.status = 'fail' AS fail, e.status = 'unknown' AS unknown,
       max(e.valid_from, s.valid_from) AS valid_from,
       min(coalesce(e.valid_to, s.valid_to), coalesce(s.valid_to, e.valid_to)) AS valid_to
FROM suppression s
JOIN evaluation e ON e.resource_id = s.resource_id AND e.check_id = s.check_id AND e.status <> 'pass'
    AND e.valid_from < coalesce(s.valid_to, '9999') AND coalesce(e.valid_to, '9999') > s.valid_from;

-- What changed in the numbers, and when: one more where a verdict begins, one less where it ends; where an
-- exception covers a verdict, that is counted as suppressed instead. Summed up to a moment, it is the state at
-- that moment. So the work follows the changes, not resources times days.
CREATE VIEW verdict_change AS
SELECT resource_id, check_id, valid_from AS at,
       status = 'pass' AS pass, status = 'fail' AS fail, status = 'unknown' AS unknown, 0 AS suppressed
FROM evaluation
UNION ALL
SELECT resource_id, check_id, valid_to, -(status = 'pass'), -(status = 'fail'), -(status = 'unknown'), 0
FROM evaluation WHERE valid_to IS NOT NULL
UNION ALL
SELECT resource_id, check_id, valid_from, 0, -fail, -unknown, 1 FROM suppressed_verdict
UNION ALL
SELECT resource_id, check_id, valid_to, 0, fail, unknown, -1 FROM suppressed_verdict WHERE valid_to IS NOT NULL;

-- The same with the place. The joins stand in each part of it, for only so SQLite begins with the account where
-- one is asked for: it carries `account_id = …` into the parts, but not a join that stands outside.
CREATE VIEW placed_change AS
SELECT e.check_id, t.account_id, t.region, e.valid_from AS at,
       e.status = 'pass' AS pass, e.status = 'fail' AS fail, e.status = 'unknown' AS unknown, 0 AS suppressed
FROM evaluation e
JOIN resource r ON r.resource_id = e.resource_id
JOIN target t ON t.target_id = r.target_id
UNION ALL
SELECT e.check_id, t.account_id, t.region, e.valid_to,
       -(e.status = 'pass'), -(e.status = 'fail'), -(e.status = 'unknown'), 0
FROM evaluation e
JOIN resource r ON r.resource_id = e.resource_id
JOIN target t ON t.target_id = r.target_id
WHERE e.valid_to IS NOT NULL
UNION ALL
SELECT s.check_id, t.account_id, t.region, s.valid_from, 0, -s.fail, -s.unknown, 1
FROM suppressed_verdict s
JOIN resource r ON r.resource_id = s.resource_id
JOIN target t ON t.target_id = r.target_id
UNION ALL
SELECT s.check_id, t.account_id, t.region, s.valid_to, 0, s.fail, s.unknown, -1
FROM suppressed_verdict s
JOIN resource r ON r.resource_id = s.resource_id
JOIN target t ON t.target_id = r.target_id
WHERE s.valid_to IS NOT NULL;

-- One row per day, check, account and Region in which something was judged: the state at the end of that UTC
-- day; of the newest day, the state as now known. A day without a scan has the numbers of the day before, for
-- what was last known still held.
--
-- `pass`, `fail` and `unknown` count the resources by their verdict, those that an exception suppresses aside:
-- they are `suppressed`, whatever their verdict. `compliance` is pass ÷ all four, a fraction from 0 to 1, so
-- neither an exception nor what could not be judged ever raises it.
--
-- Of the changes of one day, all see the sum of the whole day (the window's frame ends with its peers), and
-- only the last lasts to another day.
CREATE VIEW compliance_daily AS
SELECT d.day, s.check_id, s.account_id, s.region, s.pass, s.fail, s.unknown, s.suppressed,
       1.0 * s.pass / (s.pass + s.fail + s.unknown + s.suppressed) AS compliance
FROM (
    SELECT check_id, account_id, region, day, lead(day, 1, '9999') OVER days AS until,
           sum(pass) OVER days AS pass, sum(fail) OVER days AS fail,
           sum(unknown) OVER days AS unknown, sum(suppressed) OVER days AS suppressed
    FROM (
        SELECT check_id, account_id, region, pass, fail, unknown, suppressed,
               min(substr(at, 1, 10), (SELECT max(day) FROM day)) AS day
        FROM placed_change
    )
    WINDOW days AS (PARTITION BY check_id, account_id, region ORDER BY day)
) s
CROSS JOIN day d
WHERE d.day >= s.day AND d.day < s.until AND s.pass + s.fail + s.unknown + s.suppressed > 0;

-- The same by ISO week: the state at the end of its Sunday; of the newest week, the state as now known.
CREATE VIEW compliance_weekly AS
SELECT w.week, s.check_id, s.account_id, s.region, s.pass, s.fail, s.unknown, s.suppressed,
       1.0 * s.pass / (s.pass + s.fail + s.unknown + s.suppressed) AS compliance
FROM (
    SELECT check_id, account_id, region, sunday, lead(sunday, 1, '9999') OVER weeks AS until,
           sum(pass) OVER weeks AS pass, sum(fail) OVER weeks AS fail,
           sum(unknown) OVER weeks AS unknown, sum(suppressed) OVER weeks AS suppressed
    FROM (
        SELECT check_id, account_id, region, pass, fail, unknown, suppressed,
               min(date(at, 'weekday 0'), (SELECT max(sunday) FROM week)) AS sunday
        FROM placed_change
    )
    WINDOW weeks AS (PARTITION BY check_id, account_id, region ORDER BY sunday)
) s
CROSS JOIN week w
WHERE w.sunday >= s.sunday AND w.sunday < s.until AND s.pass + s.fail + s.unknown + s.suppressed > 0;

-- One row per opening that was resolved: a finding that was reopened and resolved again has several. An opening
-- that an exception ended is none of them; if the exception ends and the finding reopens, that is a new one.
-- `hours_open` is a real number.
CREATE VIEW remediation_times AS
SELECT e.finding_id, f.check_id, t.account_id, o.at AS opened_at, e.at AS resolved_at, e.resolution,
       (unixepoch(e.at) - unixepoch(o.at)) / 3600.0 AS hours_open
FROM finding_event e
JOIN finding f ON f.finding_id = e.finding_id
JOIN resource r ON r.resource_id = f.resource_id
JOIN target t ON t.target_id = r.target_id
JOIN finding_event o ON o.event_id =
    (SELECT max(b.event_id) FROM finding_event b
     WHERE b.finding_id = e.finding_id AND b.event_id < e.event_id AND b.event IN ('opened', 'reopened'))
WHERE e.event = 'resolved';
