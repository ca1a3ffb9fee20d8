-- The findings that have been open the longest
--
-- `days_open` counts from the last opening: a finding that was fixed and came back is as old as its return.
--
-- param rows = 50: how many
-- param now: the moment up to which an age counts
SELECT finding_id, severity, check_id, status, reason, account_id, account_name, ou_path, region, resource_name,
       opened_at, CAST((unixepoch(:now) - unixepoch(opened_at)) / 86400 AS INTEGER) AS days_open, times_opened,
       last_seen_at
FROM findings
WHERE state = 'open'
ORDER BY opened_at, severity = 'critical' DESC, finding_id
LIMIT :rows
