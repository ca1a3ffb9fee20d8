-- One year of hourly scans: 10,000 accounts in 17 Regions, 20,000 resources, of which 1 % change a week.
INSERT INTO scan ("trigger", started_at, finished_at, outcome, targets, scanned)
WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 8759)
SELECT 'schedule', strftime('%Y-%m-%dT%H:%M:%SZ', '2026-01-01', '+' || i || ' hours'),
       strftime('%Y-%m-%dT%H:%M:%SZ', '2026-01-01', '+' || i || ' hours', '+20 minutes'), 'complete', 170000, 170000
FROM n;
INSERT INTO account (account_id, name, email, ou_path, state, first_seen_at, last_seen_at)
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
SELECT printf('%012d', i), 'account ' || i, i || '@example.com', 'Root/Workloads/' || (i % 40), 'ACTIVE',
       '2026-01-01T00:00:00Z', '2026-12-31T23:00:00Z' FROM n;
INSERT INTO account_period (account_id, period, name, email, ou_path, state, valid_from)
SELECT account_id, 1, name, email, ou_path, state, first_seen_at FROM account;
INSERT INTO target (account_id, region, last_attempt_at, last_scan_id)
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 17)
SELECT account_id, 'eu-west-' || i, '2026-12-31T23:00:00Z', 8760 FROM account, n ORDER BY account_id, i;
-- A twentieth of the Regions is not enabled, and a role in a thousand is missing.
INSERT INTO coverage_period (target_id, part, period, outcome, reason, valid_from)
SELECT target_id, part.column1, 1,
       CASE WHEN target_id % 20 = 3 THEN 'skipped' WHEN target_id % 1000 = 5 THEN 'failed' ELSE 'scanned' END,
       CASE WHEN target_id % 20 = 3 THEN 'region_not_enabled' WHEN target_id % 1000 = 5 THEN 'assume_role_denied' END,
       '2026-01-01T00:05:00Z'
FROM target, (VALUES (''), ('endpoint'), ('replication_config'), ('replication_instance')) part
ORDER BY target_id, part.column1;
INSERT INTO resource (resource_id, target_id, resource_type, arn, name, key_manager, document, valid_from, first_seen_at)
WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 19999)
SELECT i + 1, 1 + i * 17 / 2, 'replication_instance', 'arn:aws:dms:eu-west-1:000000000001:rep:' || i, 'r' || i,
       'AWS', '{"Padding":"' || hex(zeroblob(750)) || '"}', '2026-01-01T00:05:00Z', '2026-01-01T00:05:00Z' FROM n;
-- Three of five resources fail for a while, then pass; the others pass from the start. Resource i changes in
-- week i % 100, so that in 52 weeks half of them do.
INSERT INTO evaluation (resource_id, check_id, status, reason, evidence, valid_from, valid_to)
SELECT resource_id, 'dms_instance_kms_cmk_encryption', iif(resource_id % 5 < 3, 'fail', 'pass'),
       iif(resource_id % 5 < 3, 'aws_managed_key', 'customer_managed_key'), 'describe_key', valid_from,
       CASE WHEN resource_id % 5 < 3 AND resource_id % 100 < 52
            THEN strftime('%Y-%m-%dT%H:%M:%SZ', '2026-01-01', '+' || (1 + resource_id % 100 * 7 + resource_id % 7) || ' days', '+' || (resource_id % 24) || ' hours', '+5 minutes') END
FROM resource;
INSERT INTO evaluation (resource_id, check_id, status, reason, evidence, valid_from)
SELECT resource_id, 'dms_instance_kms_cmk_encryption', 'pass', 'customer_managed_key', 'describe_key', valid_to
FROM evaluation WHERE valid_to IS NOT NULL;
INSERT INTO evaluation (resource_id, check_id, status, reason, evidence, valid_from)
SELECT resource_id, 'dms_kms_key_usable', 'pass', 'key_enabled', 'describe_key', valid_from
FROM evaluation WHERE status = 'pass';
INSERT INTO finding (resource_id, check_id, severity, state, status, reason, evidence, opened_at, last_seen_at, resolved_at, resolution)
SELECT resource_id, check_id, 'high', iif(valid_to IS NULL, 'open', 'resolved'), iif(valid_to IS NULL, 'fail', 'pass'), reason,
       evidence, valid_from, valid_to, valid_to, iif(valid_to IS NULL, NULL, 'fixed')
FROM evaluation WHERE status = 'fail';
INSERT INTO finding_event (finding_id, at, scan_id, event, to_status, reason, evidence)
SELECT finding_id, opened_at, 1, 'opened', 'fail', 'aws_managed_key', evidence FROM finding;
INSERT INTO finding_event (finding_id, at, scan_id, event, from_status, to_status, reason, evidence, resolution)
SELECT finding_id, resolved_at, 1, 'resolved', 'fail', 'pass', 'customer_managed_key', evidence, 'fixed'
FROM finding WHERE resolved_at IS NOT NULL ORDER BY resolved_at;
-- One finding in twenty-five of those that still stand is accepted since the autumn.
INSERT INTO exception (source, account_id, reason, owner, created_at, expires_at)
VALUES ('command', '000000000001', 'migration planned', 'payments', '2026-10-01T00:00:00Z', '2027-01-31T00:00:00Z');
INSERT INTO finding_event (finding_id, at, event, from_status, to_status, exception_id)
SELECT finding_id, '2026-10-01T00:00:00Z', 'suppressed', 'fail', 'fail', 1 FROM finding WHERE state = 'open' AND finding_id % 25 = 0;
UPDATE finding SET state = 'suppressed', exception_id = 1 WHERE state = 'open' AND finding_id % 25 = 0;
