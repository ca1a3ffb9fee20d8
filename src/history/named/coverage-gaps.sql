-- Targets that have not been scanned for some days, and why
--
-- The failed ones first: they should have been seen. A target that never was seen counts from when it was first tried.
--
-- param days = 7: for at least how many days
-- param now: the moment up to which an age counts
SELECT account_id, account_name, region, outcome, reason, error_code, error_message, since, last_scanned_at,
       CAST((unixepoch(:now) - unixepoch(coalesce(last_scanned_at, since))) / 86400 AS INTEGER) AS days_unseen
FROM coverage
WHERE outcome <> 'scanned'
  AND coalesce(last_scanned_at, since) <= strftime('%Y-%m-%dT%H:%M:%SZ', :now, '-' || :days || ' days')
ORDER BY outcome, days_unseen DESC, account_id, region
