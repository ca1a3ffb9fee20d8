-- Days that findings were open, summed up by account and week
--
-- How much was out of compliance for how long, not only how many findings at one moment: two findings open from
-- Monday to Wednesday noon are five days. The newest week counts up to the newest scan. Weeks of an account
-- without any have no row.
--
-- param weeks = 4: how many, up to the newest
-- param accounts = 100: those with the most in these weeks
-- param account: only this account
WITH newest (at) AS (SELECT max(coalesce(finished_at, started_at)) FROM scans),
weeks (week, monday, until) AS MATERIALIZED (
    SELECT week, unixepoch(sunday, '-6 days'), min(unixepoch(sunday, '+1 day'), unixepoch((SELECT at FROM newest)))
    FROM week ORDER BY sunday DESC LIMIT :weeks
),
opening AS (
    SELECT finding_id, event, at AS opened_at,
           lead(at, 1, (SELECT at FROM newest)) OVER (PARTITION BY finding_id ORDER BY event_id) AS ended_at
    FROM finding_event WHERE event <> 'status_changed'
),
placed AS MATERIALIZED (
    SELECT o.finding_id, unixepoch(o.opened_at) AS opened_at, unixepoch(o.ended_at) AS ended_at, t.account_id
    FROM opening o
    JOIN finding f ON f.finding_id = o.finding_id
    JOIN resource r ON r.resource_id = f.resource_id
    JOIN target t ON t.target_id = r.target_id
    WHERE o.event IN ('opened', 'reopened') AND unixepoch(o.ended_at) > (SELECT min(monday) FROM weeks)
      AND (:account IS NULL OR t.account_id = :account)
),
summed AS MATERIALIZED (
    SELECT w.week, p.account_id, sum(min(p.ended_at, w.until) - max(p.opened_at, w.monday)) AS seconds,
           count(DISTINCT p.finding_id) AS findings
    FROM placed p CROSS JOIN weeks w
    WHERE p.opened_at < w.until AND p.ended_at > w.monday
    GROUP BY p.account_id, w.week
),
worst AS (
    SELECT account_id FROM summed GROUP BY account_id ORDER BY sum(seconds) DESC, account_id LIMIT :accounts
)
SELECT s.week, s.account_id, a.name AS account_name, a.ou_path, round(s.seconds / 86400.0, 2) AS violation_days,
       s.findings
FROM summed s
JOIN account a ON a.account_id = s.account_id
WHERE s.account_id IN (SELECT account_id FROM worst)
ORDER BY s.week DESC, s.seconds DESC, s.account_id
