-- Pictures that stand for "no picture": the same download for five owners or more of one provider (safety.md 6).
-- A hash with few different rows is that of a plain area, a gradient, a logo on one colour: too many pictures have
-- one like it, so only the bytes of such a placeholder are remembered.
-- $1 least_owners: bigint
-- $2 least_rows: bigint
-- $3 now: timestamptz
WITH equal AS (
    SELECT provider, source_sha256, max(dhash) AS dhash, count(DISTINCT (owner_kind, owner_id)) AS owners
    FROM images
    WHERE storage_key IS NOT NULL AND source_sha256 IS NOT NULL AND deleted_at IS NULL
    GROUP BY provider, source_sha256
    HAVING count(DISTINCT (owner_kind, owner_id)) >= $1
)
INSERT INTO placeholders (provider, source_sha256, dhash, owners, found_at)
SELECT provider, source_sha256,
       CASE WHEN (SELECT count(DISTINCT get_byte(int8send(dhash), n)) FROM generate_series(0, 7) AS n) >= $2
            THEN dhash END,
       owners, $3
FROM equal
ON CONFLICT (provider, source_sha256)
DO UPDATE SET owners = excluded.owners WHERE placeholders.owners IS DISTINCT FROM excluded.owners
RETURNING provider, source_sha256, owners, xmax = 0 AS is_new
