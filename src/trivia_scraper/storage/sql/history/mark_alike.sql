-- The same for pictures that were encoded anew: a telling hash (mark_equal.sql) that two owners share, and that is
-- within so many bits of the pictures of five.
-- $1 least_owners: bigint
-- $2 most_bits: integer
-- $3 least_rows: bigint
-- $4 most_hashes: bigint
-- $5 now: timestamptz
WITH shown AS (
    SELECT provider, dhash, owner_kind, owner_id, min(source_sha256) AS source_sha256
    FROM images
    WHERE storage_key IS NOT NULL AND source_sha256 IS NOT NULL AND deleted_at IS NULL AND dhash NOT IN (0, -1)
    GROUP BY provider, dhash, owner_kind, owner_id
),
shared AS (
    SELECT provider, dhash, mode() WITHIN GROUP (ORDER BY source_sha256) AS source_sha256, count(*) AS owners
    FROM shown
    GROUP BY provider, dhash
    HAVING count(*) > 1
),
telling AS (
    SELECT provider, dhash, source_sha256
    FROM shared
    WHERE (SELECT count(DISTINCT get_byte(int8send(dhash), n)) FROM generate_series(0, 7) AS n) >= $3
    ORDER BY owners DESC, provider, dhash
    LIMIT $4
),
alike AS (
    SELECT t.provider, t.dhash, t.source_sha256, count(DISTINCT (o.owner_kind, o.owner_id)) AS owners
    FROM telling t
    JOIN shown o ON o.provider = t.provider AND bit_count((o.dhash # t.dhash)::bit(64)) <= $2::integer
    GROUP BY t.provider, t.dhash, t.source_sha256
    HAVING count(DISTINCT (o.owner_kind, o.owner_id)) >= $1
)
INSERT INTO placeholders (provider, source_sha256, dhash, owners, found_at)
SELECT provider, source_sha256, min(dhash), max(owners), $5 FROM alike GROUP BY provider, source_sha256
ON CONFLICT (provider, source_sha256)
DO UPDATE SET owners = greatest(placeholders.owners, excluded.owners) WHERE placeholders.owners < excluded.owners
RETURNING provider, source_sha256, owners, xmax = 0 AS is_new
