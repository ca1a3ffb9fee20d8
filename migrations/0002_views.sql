-- The public face: these views' names, columns and order are a contract. The tables behind are not.

CREATE VIEW scans AS
SELECT scan_id, "trigger", started_at, finished_at, outcome, targets, scanned, failed, skipped, resources,
       findings_opened, findings_resolved, api_calls, throttled_calls
FROM scan;

CREATE VIEW accounts AS
SELECT account_id, name, email, ou_path, state, joined_at, first_seen_at, last_seen_at, left_at
FROM account;

-- One row per target that still belongs to the organization.
CREATE VIEW coverage AS
SELECT t.account_id, a.name AS account_name, t.region, c.outcome, c.reason, c.error_code, c.error_message,
       c.valid_from AS since, t.last_attempt_at,
       (SELECT max(coalesce(s.last_at, t.last_attempt_at)) FROM coverage_period s
        WHERE s.target_id = t.target_id AND s.part = '' AND s.outcome = 'scanned') AS last_scanned_at
FROM target t
JOIN account a ON a.account_id = t.account_id
JOIN coverage_period c ON c.target_id = t.target_id AND c.part = '' AND c.valid_to IS NULL;

-- The same for each kind of resource in a target.
CREATE VIEW coverage_parts AS
SELECT t.account_id, a.name AS account_name, t.region, c.part AS resource_type, c.outcome, c.reason,
       c.error_code, c.error_message, c.valid_from AS since, t.last_attempt_at,
       (SELECT max(coalesce(s.last_at, t.last_attempt_at)) FROM coverage_period s
        WHERE s.target_id = t.target_id AND s.part = c.part AND s.outcome = 'scanned') AS last_scanned_at
FROM target t
JOIN account a ON a.account_id = t.account_id
JOIN coverage_period c ON c.target_id = t.target_id AND c.part <> '' AND c.valid_to IS NULL;

CREATE VIEW resources AS
SELECT r.arn AS resource_arn, r.resource_type, r.name AS resource_name, t.account_id, t.region, r.key_arn,
       r.key_manager, r.key_state, r.first_seen_at,
       coalesce(r.last_seen_at,
                (SELECT max(coalesce(s.last_at, t.last_attempt_at)) FROM coverage_period s
                 WHERE s.target_id = r.target_id AND s.part = r.resource_type AND s.outcome = 'scanned'),
                r.first_seen_at) AS last_seen_at,
       r.deleted_at, r.document
FROM resource r
JOIN target t ON t.target_id = r.target_id;

CREATE VIEW evaluations AS
SELECT e.check_id, r.arn AS resource_arn, t.account_id, t.region, e.status, e.reason, e.valid_from, e.valid_to
FROM evaluation e
JOIN resource r ON r.resource_id = e.resource_id
JOIN target t ON t.target_id = r.target_id;

CREATE VIEW findings AS
SELECT f.finding_id, f.check_id, f.severity, f.state, f.status, f.reason, t.account_id,
       a.name AS account_name, a.ou_path, t.region, r.arn AS resource_arn, r.resource_type,
       r.name AS resource_name, r.key_arn,
       -- A resource that names no key is under DMS's default key, which AWS manages.
       CASE WHEN r.key_manager IS NULL AND f.reason = 'default_key' THEN 'AWS' ELSE r.key_manager END
           AS key_manager,
       r.key_state, f.evidence, f.opened_at,
       coalesce(f.last_seen_at,
                (SELECT max(coalesce(s.last_at, t.last_attempt_at)) FROM coverage_period s
                 WHERE s.target_id = r.target_id AND s.part = r.resource_type AND s.outcome = 'scanned'),
                f.opened_at) AS last_seen_at,
       f.resolved_at, f.resolution, f.times_opened,
       NULL AS exception_id, NULL AS exception_expires_at
FROM finding f
JOIN resource r ON r.resource_id = f.resource_id
JOIN target t ON t.target_id = r.target_id
JOIN account a ON a.account_id = t.account_id;

-- Where a finding was resolved, the reason is how: fixed, resource_deleted, account_left, no_longer_in_scope.
CREATE VIEW finding_events AS
SELECT event_id, finding_id, at, scan_id, event, from_status, to_status,
       coalesce(resolution, reason) AS reason
FROM finding_event;
