-- A paused source is read again; whether it was paused is told by the number of rows.
-- $1 source: text
UPDATE sources SET paused_at = NULL, paused_by = NULL, paused_why = NULL WHERE slug = $1 AND paused_at IS NOT NULL
