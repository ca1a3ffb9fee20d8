-- Each check by week: what is open, new and resolved, compliance, and its change to the week before
--
-- The state at the end of the week's Sunday, of the newest week as now known; `new` has reopened ones in it.
-- `compliance` is passes divided by all that was judged or accepted, a fraction; `change` is in percentage points.
--
-- param weeks = 12: how many, up to the newest
WITH change AS (
    SELECT check_id, min(date(at, 'weekday 0'), (SELECT max(sunday) FROM week)) AS sunday, sum(pass) AS pass,
           sum(fail) AS fail, sum(unknown) AS unknown, sum(suppressed) AS suppressed, 0 AS new, 0 AS resolved
    FROM verdict_change GROUP BY 1, 2
    UNION ALL
    SELECT f.check_id, min(date(e.at, 'weekday 0'), (SELECT max(sunday) FROM week)), 0, 0, 0, 0,
           sum(e.event IN ('opened', 'reopened')), sum(e.event = 'resolved')
    FROM finding_event e JOIN finding f ON f.finding_id = e.finding_id GROUP BY 1, 2
    UNION ALL
    SELECT c.check_id, w.sunday, 0, 0, 0, 0, 0, 0
    FROM (SELECT DISTINCT check_id FROM evaluation) c CROSS JOIN week w
),
state AS (
    SELECT check_id, sunday, new, resolved, sum(pass) OVER so_far AS pass, sum(fail) OVER so_far AS fail,
           sum(unknown) OVER so_far AS unknown, sum(suppressed) OVER so_far AS suppressed
    FROM (SELECT check_id, sunday, sum(pass) AS pass, sum(fail) AS fail, sum(unknown) AS unknown,
                 sum(suppressed) AS suppressed, sum(new) AS new, sum(resolved) AS resolved
          FROM change GROUP BY 1, 2)
    WINDOW so_far AS (PARTITION BY check_id ORDER BY sunday)
),
rated AS (
    SELECT *, 1.0 * pass / nullif(pass + fail + unknown + suppressed, 0) AS compliance FROM state
)
SELECT w.week, r.check_id, r.fail + r.unknown AS open, r.new, r.resolved, r.pass, r.fail, r.unknown, r.suppressed,
       round(r.compliance, 4) AS compliance, round(100 * (r.compliance - r.before), 2) AS change
FROM (SELECT *, lag(compliance) OVER (PARTITION BY check_id ORDER BY sunday) AS before FROM rated) r
JOIN week w ON w.sunday = r.sunday
WHERE w.sunday IN (SELECT sunday FROM week ORDER BY sunday DESC LIMIT :weeks)
ORDER BY w.week DESC, r.check_id
