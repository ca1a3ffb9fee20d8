-- Exceptions that end soon, and how many findings they hold back
--
-- When it ends, its findings reopen at the next scan. One that is overdue waits for that scan.
--
-- param days = 30: within how many days
-- param now: the moment from which days count
SELECT exception_id, expires_at, CAST((unixepoch(expires_at) - unixepoch(:now)) / 86400 AS INTEGER) AS days_left,
       owner, reason, check_id, coalesce(resource_arn, account_id, ou, tag_key || '=' || tag_value) AS covers,
       findings
FROM exceptions
WHERE state = 'active' AND expires_at <= strftime('%Y-%m-%dT%H:%M:%SZ', :now, '+' || :days || ' days')
ORDER BY expires_at, exception_id
