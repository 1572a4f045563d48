-- The figures of a day, for graphs; the last ones of a day count.
-- $1 day: date
-- $2 figures: jsonb
INSERT INTO daily_figures (day, figures) VALUES ($1, $2) ON CONFLICT (day) DO UPDATE SET figures = excluded.figures
