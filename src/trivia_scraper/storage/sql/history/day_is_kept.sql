-- Whether the figures of a day are kept.
-- $1 day: date
SELECT EXISTS (SELECT FROM daily_figures WHERE day = $1)
