-- $1 id: uuid
SELECT id, taken_at, finished_at, ok, stop_asked_at, progress, outcome
FROM run_requests
WHERE id = $1
