-- Runs that have had no commit for over a day and are not finished: killed, or an interrupted backfill.
SELECT r.run_id, r.kind, r.runner, r.started_at, r.ended_at AS last_commit_at
FROM runs r, (SELECT max(started_at) AS at FROM runs) n
WHERE r.status = 'running'
  AND coalesce(r.ended_at, r.started_at) < n.at - INTERVAL 1 DAY
ORDER BY r.started_at;
