-- Days that findings were open, summed up by account and week
--
-- How much was out of compliance for how long, not only how many findings at one moment: two findings open from
-- Monday to Wednesday noon are five days. The newest week counts up to the newest scan. Weeks of an account
-- without any have no row.
--
-- param weeks = 4: how many, up to the newest
-- param account: only this account
WITH newest (at) AS (SELECT max(coalesce(finished_at, started_at)) FROM scans),
weeks (week, monday, until) AS (
    SELECT week, date(sunday, '-6 days') || 'T00:00:00Z',
           min(date(sunday, '+1 day') || 'T00:00:00Z', (SELECT at FROM newest))
    FROM week ORDER BY sunday DESC LIMIT :weeks
),
opening AS (
    SELECT finding_id, event, at AS opened_at,
           lead(at, 1, (SELECT at FROM newest)) OVER (PARTITION BY finding_id ORDER BY event_id) AS ended_at
    FROM finding_events WHERE event <> 'status_changed'
)
SELECT w.week, t.account_id, a.name AS account_name, a.ou_path,
       round(sum(unixepoch(min(o.ended_at, w.until)) - unixepoch(max(o.opened_at, w.monday))) / 86400.0, 2)
           AS violation_days,
       count(DISTINCT o.finding_id) AS findings
FROM opening o
JOIN weeks w ON o.opened_at < w.until AND o.ended_at > w.monday
JOIN finding f ON f.finding_id = o.finding_id
JOIN resource r ON r.resource_id = f.resource_id
JOIN target t ON t.target_id = r.target_id
JOIN account a ON a.account_id = t.account_id
WHERE o.event IN ('opened', 'reopened') AND (:account IS NULL OR t.account_id = :account)
GROUP BY w.week, t.account_id
ORDER BY w.week DESC, violation_days DESC, t.account_id
