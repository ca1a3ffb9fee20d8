-- The accounts with the most open findings, critical ones first
--
-- `unknown` are those of `open` that could not be judged; `suppressed` are not among the open ones.
--
-- param rows = 50: how many
SELECT account_id, account_name, ou_path, sum(state = 'open') AS open,
       sum(state = 'open' AND severity = 'critical') AS critical, sum(state = 'open' AND severity = 'high') AS high,
       sum(state = 'open' AND status = 'unknown') AS unknown, sum(state = 'suppressed') AS suppressed,
       count(DISTINCT CASE WHEN state = 'open' THEN resource_arn END) AS resources,
       min(CASE WHEN state = 'open' THEN opened_at END) AS oldest
FROM findings
WHERE state <> 'resolved'
GROUP BY account_id
HAVING open > 0
ORDER BY critical DESC, open DESC, account_id
LIMIT :rows
