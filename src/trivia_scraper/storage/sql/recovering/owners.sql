-- Owners with something for a recovery to do, most urgent first: policy.priority's score, then the oldest failure
-- (images.md 8 and 12, R183, R224). To do: a failure that is due and transient, one to be closed, or, where a person
-- says so, an ambiguous one. Empty lists choose all.
-- $1 due_before: timestamptz
-- $2 transient_types: text[]
-- $3 permanent_types: text[]
-- $4 include_ambiguous: boolean
-- $5 error_types: text[]
-- $6 providers: text[]
-- $7 done_kinds: text[]
-- $8 done_ids: bigint[]
-- $9 limit: bigint
WITH wanted AS (
    SELECT owner_kind, owner_id
    FROM images
    WHERE status = 'failed' AND deleted_at IS NULL
      AND (cardinality($5::text[]) = 0 OR error_type = ANY ($5))
      AND (cardinality($6::text[]) = 0 OR provider = ANY ($6))
      AND CASE failure_class(status, retry_count, error_type, $2, $3)
              WHEN 'transient' THEN next_retry_at IS NULL OR next_retry_at <= $1
              WHEN 'ambiguous' THEN $4 OR coalesce(provider_url, '') = ''
              ELSE true
          END
    GROUP BY owner_kind, owner_id
),
figures AS (
    SELECT i.owner_kind, i.owner_id, count(*) AS total,
           count(*) FILTER (WHERE i.status IN ('failed', 'permanently_failed')) AS failed,
           min(i.error_at) FILTER (WHERE i.status IN ('failed', 'permanently_failed')) AS oldest_failure_at,
           coalesce(bool_or(failure_class(i.status, i.retry_count, i.error_type, $2, $3) = 'transient'), false)
               AS has_transient
    FROM images i
    JOIN wanted w ON w.owner_kind = i.owner_kind AND w.owner_id = i.owner_id
    WHERE i.deleted_at IS NULL
      AND NOT EXISTS (SELECT FROM unnest($7::text[], $8::bigint[]) AS done (kind, id)
                      WHERE done.kind = i.owner_kind AND done.id = i.owner_id)
    GROUP BY i.owner_kind, i.owner_id
)
SELECT o.kind, o.id, o.slug, f.failed, f.oldest_failure_at,
       (10.0 * f.failed + 100.0 * f.failed / f.total + CASE WHEN f.has_transient THEN 20.0 ELSE 0.0 END
           + o.activity / 100.0)::double precision AS score
FROM figures f
JOIN image_owners o ON o.kind = f.owner_kind AND o.id = f.owner_id AND o.counts
ORDER BY score DESC, f.oldest_failure_at NULLS LAST, o.kind, o.id
LIMIT $9
