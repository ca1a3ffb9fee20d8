-- Accounts of which no Region was ever scanned
--
-- `why` is the most frequent reason among its targets that failed, or else among all; empty where no scan has come to the
-- account yet.
SELECT a.account_id, a.name AS account_name, a.ou_path, a.state, a.joined_at, a.first_seen_at,
       (SELECT count(*) FROM coverage c WHERE c.account_id = a.account_id) AS targets,
       (SELECT c.reason FROM coverage c WHERE c.account_id = a.account_id
        GROUP BY c.reason ORDER BY max(c.outcome = 'failed') DESC, count(*) DESC, c.reason LIMIT 1) AS why
FROM accounts a
WHERE a.left_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM coverage c WHERE c.account_id = a.account_id AND c.last_scanned_at IS NOT NULL)
ORDER BY a.first_seen_at, a.account_id
