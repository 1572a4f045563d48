-- Whether a picture stands for "no picture": known as one, or shown by enough other owners of this provider.
-- $1 provider: text
-- $2 source_sha256: text
-- $3 dhash: bigint
-- $4 most_bits: integer
-- $5 owner_kind: text
-- $6 owner: bigint
-- $7 least_owners: integer
SELECT EXISTS (
           SELECT FROM placeholders
           WHERE provider = $1
             AND (source_sha256 = $2
                  OR bit_count((dhash # $3)::bit(64)) <= $4::integer))
    OR (SELECT count(*)
        FROM (SELECT DISTINCT owner_kind, owner_id
              FROM images
              WHERE provider = $1 AND source_sha256 = $2 AND storage_key IS NOT NULL AND deleted_at IS NULL
                AND (owner_kind, owner_id) IS DISTINCT FROM ($5, $6)
              LIMIT $7::integer) AS others) >= $7::integer - 1
