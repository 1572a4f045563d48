-- A directory to measure statistics on: $1 venues with ten images each, and a host with one for every twentieth.
-- One venue in ten has four failed images, as when a provider's limit strikes: 4 % of all. One image in a hundred is a
-- tombstone, one venue in about eighty is merged, one in two hundred was claimed and never saved.
-- %venues% is replaced by the number of venues.
INSERT INTO venues (slug, name, name_key, city, country, latitude, longitude, timezone, place_id, fact_source,
                    saved_at, created_at, updated_at, activity)
SELECT 'venue-' || n, 'Venue ' || n, 'venue ' || n, 'City ' || n % 150, 'GB', 50 + n % 9, CASE WHEN n % 20 <> 0 THEN -1 END,
       'Europe/London', CASE WHEN n % 5 <> 0 THEN 'place-' || n END, 'question_one',
       CASE WHEN n % 200 <> 7 THEN now() END, now(), now(), n % 300
FROM generate_series(1, %venues%) AS n;
UPDATE venues SET merged_into = id - 1 WHERE id % 100 = 50 OR id % 300 = 53;
INSERT INTO performers (slug, name, name_key, source, saved_at, created_at)
SELECT 'host-' || n, 'Host ' || n, 'host ' || n, 'quizmeisters', now(), now()
FROM generate_series(1, %venues% / 20) AS n;

WITH drawn AS (
    SELECT v.id AS venue, k,
           (ARRAY['question_one', 'google_places', 'google_places', 'google_places', 'google_places', 'google_places',
                  'foursquare', 'foursquare', 'foursquare', 'here'])[k] AS provider,
           CASE WHEN v.id % 10 <> 3 OR k > 4 THEN 'uploaded' WHEN (v.id / 10 + k) % 5 = 0 THEN 'permanently_failed'
                ELSE 'failed' END AS status,
           (v.id * 10 + k) % 100 = 99 AS is_buried
    FROM venues v CROSS JOIN generate_series(1, 10) AS k
),
typed AS (
    SELECT *, CASE status
               WHEN 'permanently_failed' THEN (ARRAY['not_found', 'forbidden', 'gone'])[1 + (venue / 10 % 3)::int]
               WHEN 'failed' THEN (ARRAY['rate_limited', 'rate_limited', 'rate_limited', 'network_timeout',
                                         'service_unavailable', 'server_error'])[1 + ((venue / 10 + k) % 6)::int]
               END AS error_type
    FROM drawn
)
INSERT INTO images (owner_kind, owner_id, role, provider, provider_photo_id, identity, provider_url, status, storage_key,
                    sha256, source_sha256, mime, bytes, width, height, quality_score, position, fetched_at, error_type,
                    error, status_code, error_at, next_retry_at, finalized_at, created_at, updated_at, deleted_at)
SELECT 'venue', venue, CASE k WHEN 1 THEN 'hero' ELSE 'gallery' END, provider, 'photo-' || venue || '-' || k,
       provider || ':photo-' || venue || '-' || k,
       'https://' || (ARRAY['q1.example', 'places.example', 'fsq.example'])[1 + k % 3] || '/p/' || venue || '/' || k,
       status, key, md5(key), md5(key), 'image/jpeg', 150000, 1600, 1200, 0.636, k, now(), error_type,
       'it said ' || error_type, CASE WHEN error_type IS NOT NULL THEN 429 END,
       CASE WHEN error_type IS NOT NULL THEN now() - venue % 5000 * interval '1 minute' END,
       CASE WHEN status = 'failed' THEN now() END, CASE WHEN status = 'permanently_failed' THEN now() END, now(), now(),
       CASE WHEN is_buried THEN now() END
FROM typed CROSS JOIN LATERAL (
    SELECT CASE WHEN status = 'uploaded' AND NOT is_buried
                THEN 'venues/venue-' || venue || '/' || k || '-' || lpad(to_hex(venue * 10 + k), 12, '0') || '.jpg' END AS key
) AS stored
ORDER BY k % 3, venue;
INSERT INTO images (owner_kind, owner_id, role, provider, identity, provider_url, status, error_type, error_at,
                    storage_key, sha256, created_at, updated_at)
SELECT 'performer', id, 'profile', 'quizmeisters', 'https://qm.example/' || id, 'https://qm.example/' || id,
       CASE WHEN id % 25 = 0 THEN 'failed' ELSE 'uploaded' END, CASE WHEN id % 25 = 0 THEN 'network_error' END,
       CASE WHEN id % 25 = 0 THEN now() END, CASE WHEN id % 25 <> 0 THEN 'performers/host-' || id || '/profile.jpg' END,
       CASE WHEN id % 25 <> 0 THEN md5(id::text) END, now(), now()
FROM performers;

INSERT INTO venue_enrichment (venue_id, last_checked_at, last_status, updated_at)
SELECT id, now() - id % 100 * interval '1 day', 'success', now() FROM venues WHERE merged_into IS NULL;
