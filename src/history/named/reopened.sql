-- Findings that came back after they had been resolved or accepted
--
-- `reason` is that of the last return: what is wrong again, or which end of an exception brought it back.
SELECT f.finding_id, f.check_id, f.state, f.account_id, f.account_name, f.region, f.resource_name, f.times_opened,
       (SELECT min(e.at) FROM finding_events e WHERE e.finding_id = f.finding_id) AS first_opened_at,
       e.at AS reopened_at, e.reason, f.resolved_at
FROM findings f
JOIN finding_events e ON e.event_id =
    (SELECT max(event_id) FROM finding_events WHERE finding_id = f.finding_id AND event = 'reopened')
WHERE f.times_opened > 1
ORDER BY f.state, e.at DESC, f.finding_id
