-- The figures of each day, for graphs.
-- $1 since: date
-- $2 until: date
SELECT day, figures FROM daily_figures WHERE day >= $1 AND day < $2 ORDER BY day
