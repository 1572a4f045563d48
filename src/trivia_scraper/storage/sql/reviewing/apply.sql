-- Decisions about images, each on the version that was shown, with their lines of the audit. Returns the images that
-- have theirs now; saying the same again, after a lost commit, changes nothing and returns the same.
-- $1 changes: jsonb
-- $2 batch: uuid
-- $3 at: timestamptz
-- $4 who: text
-- $5 action: text
-- $6 chosen: jsonb
WITH wanted AS (
    SELECT *
    FROM jsonb_to_recordset($1) AS w (
        id bigint, version integer, status text, error_type text, reason text, error text, retry_count integer,
        next_retry_at timestamptz, finalized_at timestamptz, deleted_at timestamptz, deleted_why text,
        releases_file boolean, before jsonb, after jsonb
    )
),
changed AS (
    UPDATE images i
    SET status = w.status, error_type = w.error_type, reason = w.reason, error = w.error, retry_count = w.retry_count,
        next_retry_at = w.next_retry_at, finalized_at = w.finalized_at, deleted_at = w.deleted_at,
        deleted_why = w.deleted_why,
        storage_key = CASE WHEN NOT w.releases_file THEN i.storage_key END,
        thumb_key = CASE WHEN NOT w.releases_file THEN i.thumb_key END,
        sha256 = CASE WHEN NOT w.releases_file THEN i.sha256 END,
        position = CASE WHEN w.deleted_at IS NULL THEN i.position END,
        claimed_by = NULL, claimed_until = NULL, updated_at = $3, version = i.version + 1
    FROM wanted w
    WHERE i.id = w.id AND i.version = w.version
    RETURNING i.id
),
noted AS (
    INSERT INTO review_actions (batch, at, who, action, image_id, chosen, before, after)
    SELECT $2, $3, $4, $5, w.id, $6, w.before, w.after
    FROM changed JOIN wanted w USING (id)
    RETURNING image_id
)
SELECT image_id FROM noted
UNION
SELECT a.image_id FROM review_actions a JOIN wanted w ON w.id = a.image_id WHERE a.batch = $2
