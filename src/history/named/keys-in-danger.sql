-- Keys that are disabled, unavailable or about to be deleted, and the data under them
--
-- `accounts` are those whose resources use the key, `key_account` is the one that owns it. Accepted ones count too:
-- the data is lost all the same.
SELECT key_arn, key_state,
       CASE WHEN key_arn LIKE 'arn:%:key/%' THEN substr(key_arn, instr(key_arn, ':key/') - 12, 12)
            WHEN key_arn LIKE 'arn:%:alias/%' THEN substr(key_arn, instr(key_arn, ':alias/') - 12, 12) END AS key_account,
       count(*) AS resources, sum(resource_type = 'replication_instance') AS instances,
       sum(resource_type = 'endpoint') AS endpoints, sum(resource_type = 'replication_config') AS serverless,
       count(DISTINCT account_id) AS accounts, min(opened_at) AS since, max(last_seen_at) AS last_seen_at,
       group_concat(resource_arn, ' ') AS resource_arns
FROM findings
WHERE check_id = 'dms_kms_key_usable' AND state <> 'resolved'
GROUP BY key_arn, key_state
ORDER BY key_state LIKE 'PendingDeletion%' DESC, resources DESC, key_arn
