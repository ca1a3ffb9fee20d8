-- The Regions with the most open findings, critical ones first
SELECT region, sum(state = 'open') AS open, sum(state = 'open' AND severity = 'critical') AS critical,
       sum(state = 'open' AND severity = 'high') AS high, sum(state = 'open' AND status = 'unknown') AS unknown,
       sum(state = 'suppressed') AS suppressed,
       count(DISTINCT CASE WHEN state = 'open' THEN account_id END) AS accounts,
       min(CASE WHEN state = 'open' THEN opened_at END) AS oldest
FROM findings
WHERE state <> 'resolved'
GROUP BY region
HAVING open > 0
ORDER BY critical DESC, open DESC, region
