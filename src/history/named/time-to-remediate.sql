-- Mean, median and 90th percentile hours from opening to remedy, by check
--
-- A remedy is a resource that now passes, or one that is gone: an instance cannot change its key, so it is
-- re-created. What left with its account or with the config's filters was not remedied. The percentiles are the
-- least time within which half, or nine tenths, were. What is still open is in no mean: see `still_open`.
--
-- param days = 365: remedies of how many days, up to the newest scan
WITH remedy AS (
    SELECT f.check_id, (unixepoch(e.at) - unixepoch(e.opened_at)) / 3600.0 AS hours_open
    FROM (SELECT finding_id, event, at, resolution, lag(at) OVER (PARTITION BY finding_id ORDER BY event_id) AS opened_at
          FROM finding_event WHERE event IN ('opened', 'reopened', 'resolved')) e
    JOIN finding f ON f.finding_id = e.finding_id
    WHERE e.event = 'resolved' AND e.resolution IN ('fixed', 'resource_deleted')
      AND e.at >= strftime('%Y-%m-%dT%H:%M:%SZ', (SELECT max(started_at) FROM scans), '-' || :days || ' days')
),
placed AS (
    SELECT check_id, hours_open, row_number() OVER (PARTITION BY check_id ORDER BY hours_open) AS place,
           count(*) OVER (PARTITION BY check_id) AS remedied
    FROM (SELECT check_id, hours_open FROM remedy UNION ALL SELECT '(all)', hours_open FROM remedy)
),
still_open AS (
    SELECT check_id, count(*) AS findings FROM finding WHERE state = 'open' GROUP BY check_id
)
SELECT p.check_id, p.remedied, round(avg(p.hours_open), 1) AS mean_hours,
       round(max(CASE WHEN p.place = (p.remedied + 1) / 2 THEN p.hours_open END), 1) AS median_hours,
       round(max(CASE WHEN p.place = (9 * p.remedied + 9) / 10 THEN p.hours_open END), 1) AS p90_hours,
       round(max(p.hours_open), 1) AS longest_hours,
       (SELECT coalesce(sum(s.findings), 0) FROM still_open s WHERE p.check_id IN (s.check_id, '(all)')) AS still_open
FROM placed p
GROUP BY p.check_id
ORDER BY p.check_id = '(all)', p.check_id
