-- Another stored entry of this gallery with the same content: equal bytes, or nearly equal ones of the same shape.
-- Without a hash that tells pictures apart only equal bytes count.
-- $1 owner_kind: text
-- $2 owner: bigint
-- $3 except_id: bigint
-- $4 sha256: text
-- $5 source_sha256: text
-- $6 dhash: bigint
-- $7 most_bits: integer
-- $8 width: integer
-- $9 height: integer
SELECT id, sha256 = $4 OR source_sha256 = $5 AS is_equal
FROM images
WHERE owner_kind = $1 AND owner_id = $2 AND role = 'gallery' AND status = 'uploaded' AND deleted_at IS NULL
  AND id IS DISTINCT FROM $3
  AND (sha256 = $4
       OR source_sha256 = $5
       OR NOT is_blank AND bit_count((dhash # $6)::bit(64)) <= $7::integer
          AND height > 0 AND $9 > 0
          AND abs(width::double precision / height - $8::integer::double precision / $9) < 0.05)
ORDER BY is_equal DESC, id
LIMIT 1
