-- Mean, median and 90th percentile hours from opening to remedy, by check
--
-- A remedy is a resource that now passes, or one that is gone: an instance cannot change its key, so it is
-- re-created. What left with its account or with the config's filters was not remedied. The percentiles are the
-- least time within which half, or nine tenths, were. What is still open is in no mean: see `still_open`.
--
-- param days = 365: remedies of how many days, up to the newest scan
WITH remedy AS (
    SELECT check_id, hours_open FROM remediation_times
    WHERE resolution IN ('fixed', 'resource_deleted')
      AND resolved_at >= strftime('%Y-%m-%dT%H:%M:%SZ', (SELECT max(started_at) FROM scans), '-' || :days || ' days')
),
placed AS (
    SELECT check_id, hours_open, row_number() OVER (PARTITION BY check_id ORDER BY hours_open) AS place,
           count(*) OVER (PARTITION BY check_id) AS remedied
    FROM (SELECT check_id, hours_open FROM remedy UNION ALL SELECT '(all)', hours_open FROM remedy)
)
SELECT check_id, remedied, round(avg(hours_open), 1) AS mean_hours,
       round(max(CASE WHEN place = (remedied + 1) / 2 THEN hours_open END), 1) AS median_hours,
       round(max(CASE WHEN place = (9 * remedied + 9) / 10 THEN hours_open END), 1) AS p90_hours,
       round(max(hours_open), 1) AS longest_hours,
       (SELECT count(*) FROM findings f
        WHERE f.state = 'open' AND (p.check_id = '(all)' OR f.check_id = p.check_id)) AS still_open
FROM placed p
GROUP BY check_id
ORDER BY check_id = '(all)', check_id
