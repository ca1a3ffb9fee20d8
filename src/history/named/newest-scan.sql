-- What the newest scan changed: findings, and targets that it could not see any more
WITH newest (scan_id, started_at) AS (SELECT scan_id, started_at FROM scans ORDER BY scan_id DESC LIMIT 1)
SELECT e.at, e.event, f.check_id, f.severity, e.from_status, e.to_status, e.reason, f.account_id, f.account_name,
       f.region, f.resource_name, f.finding_id
FROM finding_events e
JOIN findings f ON f.finding_id = e.finding_id
WHERE e.scan_id = (SELECT scan_id FROM newest)
UNION ALL
SELECT c.since, 'coverage_lost', NULL, NULL, 'scanned', c.outcome, c.reason, c.account_id, c.account_name, c.region,
       NULL, NULL
FROM coverage c
WHERE c.outcome <> 'scanned' AND c.last_scanned_at IS NOT NULL AND c.since >= (SELECT started_at FROM newest)
ORDER BY 2, 1, 8, 10, 12
