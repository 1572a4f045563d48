-- Galleries and what their providers said, recovery, cleanup, statistics, review (images.md 3, 5-12).

-- Visits in 30 days, filled by whoever counts them; part of the recovery order (images.md 12).
ALTER TABLE venues ADD COLUMN activity integer NOT NULL DEFAULT 0 CHECK (activity >= 0);

-- Other names of a venue at photo providers (R110). Google's place id may also stand in venues.place_id.
CREATE TABLE venue_provider_ids (
    venue_id bigint NOT NULL REFERENCES venues,
    provider text NOT NULL,
    id       text NOT NULL CHECK (id <> ''),
    added_at timestamptz NOT NULL,
    PRIMARY KEY (venue_id, provider, id)
);

ALTER TABLE images
    ADD COLUMN is_blank boolean NOT NULL DEFAULT false,
    -- the picture that this row's bytes turned out to be: then this row is deleted, and a reference of that one
    ADD COLUMN duplicate_of bigint REFERENCES images,
    ADD COLUMN deleted_why text,
    -- an older application's record; equal to updated_at for as long as nobody else has written this row
    ADD COLUMN imported_at timestamptz;
-- A deleted row stays as a tombstone, so that no listing brings the picture back; it needs no file.
ALTER TABLE images
    DROP CONSTRAINT images_check,
    DROP CONSTRAINT images_check1,
    ADD CONSTRAINT images_uploaded_has_file
        CHECK ((status = 'uploaded') = (storage_key IS NOT NULL) OR deleted_at IS NOT NULL AND storage_key IS NULL),
    ADD CONSTRAINT images_file_has_hash CHECK ((storage_key IS NULL) = (sha256 IS NULL));

ALTER TABLE image_attempts ADD COLUMN retry_after_seconds double precision;
CREATE INDEX image_attempts_by_time ON image_attempts (at, kind);

-- The same photo under another name: a provider's new id for it, or another provider's photo with the same content.
-- One file, one gallery entry, several references.
CREATE TABLE image_references (
    owner_kind        text NOT NULL CHECK (owner_kind IN ('venue', 'performer')),
    owner_id          bigint NOT NULL,
    role              text NOT NULL CHECK (role IN ('hero', 'gallery', 'profile')),
    identity          text NOT NULL,
    image_id          bigint NOT NULL REFERENCES images ON DELETE CASCADE,
    provider          text NOT NULL,
    provider_photo_id text,
    provider_url      text,
    attribution       text,
    attribution_url   text,
    why               text NOT NULL,
    first_seen_at     timestamptz NOT NULL,
    last_seen_at      timestamptz NOT NULL,
    PRIMARY KEY (owner_kind, owner_id, role, identity)
);
CREATE INDEX image_references_by_image ON image_references (image_id);

-- Pictures that stand for "no picture": shown by five owners or more of one provider (safety.md 6).
CREATE INDEX images_by_content ON images (provider, source_sha256) WHERE storage_key IS NOT NULL;
CREATE TABLE placeholders (
    provider      text NOT NULL,
    source_sha256 text NOT NULL,
    dhash         bigint,
    owners        integer NOT NULL,
    found_at      timestamptz NOT NULL,
    PRIMARY KEY (provider, source_sha256)
);

-- What statistics, recovery and cleanup read: failures by owner and type, and what is due.
DROP INDEX images_failed;
CREATE INDEX images_by_owner ON images (owner_kind, owner_id, provider) INCLUDE (status) WHERE deleted_at IS NULL;
CREATE INDEX images_failures ON images (owner_kind, owner_id)
    INCLUDE (status, error_type, retry_count, provider, error_at)
    WHERE status IN ('failed', 'permanently_failed') AND deleted_at IS NULL;
CREATE INDEX images_retry_due ON images (next_retry_at) WHERE status = 'failed' AND deleted_at IS NULL;
CREATE INDEX images_tombstones ON images (owner_kind, owner_id) WHERE deleted_at IS NOT NULL;

-- One line a venue: when its providers were asked last, what came of it, the last ten attempts (images.md 5.5).
CREATE TABLE venue_enrichment (
    venue_id        bigint PRIMARY KEY REFERENCES venues,
    last_checked_at timestamptz,
    last_status     text CHECK (last_status IN ('success', 'no_images', 'error', 'skipped')),
    last_summary    text,
    providers       jsonb NOT NULL DEFAULT '{}',
    providers_used  text[] NOT NULL DEFAULT '{}',
    completeness    double precision CHECK (completeness BETWEEN 0 AND 1),
    cost            numeric(12, 4) NOT NULL DEFAULT 0,
    history         jsonb NOT NULL DEFAULT '[]',
    updated_at      timestamptz NOT NULL
);
CREATE INDEX venue_enrichment_by_check ON venue_enrichment (last_checked_at NULLS FIRST);

-- One line a venue and enrichment, with all that it was about (images.md 5.6).
CREATE TABLE enrichment_runs (
    id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id            uuid NOT NULL,
    venue_id          bigint NOT NULL REFERENCES venues,
    mode              text NOT NULL CHECK (mode IN ('forced', 'staleness', 'retry_only')),
    status            text NOT NULL CHECK (status IN ('success', 'no_images', 'error', 'skipped')),
    context           jsonb NOT NULL,
    discovered        integer NOT NULL,
    uploaded          integer NOT NULL,
    failed            integer NOT NULL,
    venue_uploaded    integer NOT NULL,
    venue_failed      integer NOT NULL,
    venue_total       integer NOT NULL,
    failure_breakdown jsonb NOT NULL DEFAULT '{}',
    failed_image_ids  bigint[] NOT NULL DEFAULT '{}',
    providers         jsonb NOT NULL DEFAULT '{}',
    cost              numeric(12, 4) NOT NULL DEFAULT 0,
    summary           text NOT NULL,
    started_at        timestamptz NOT NULL,
    duration_ms       integer NOT NULL
);
CREATE INDEX enrichment_runs_by_start ON enrichment_runs (started_at DESC);
CREATE INDEX enrichment_runs_by_venue ON enrichment_runs (venue_id, started_at DESC);

-- Every request to a photo provider of the last days: windows (R198), use and cost.
CREATE TABLE provider_requests (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    provider text NOT NULL,
    kind     text NOT NULL CHECK (kind IN ('listing', 'photo', 'notice')),
    at       timestamptz NOT NULL,
    images   integer NOT NULL DEFAULT 0,
    cost     numeric(12, 4) NOT NULL DEFAULT 0
);
CREATE INDEX provider_requests_by_time ON provider_requests (provider, at);

-- The delay between two downloads from a provider, as its answers taught (images.md 7, 12).
CREATE TABLE provider_state (
    provider          text PRIMARY KEY,
    delay_ms          integer NOT NULL CHECK (delay_ms >= 0),
    successes_in_row  integer NOT NULL DEFAULT 0,
    updated_at        timestamptz NOT NULL
);
-- Waits that providers asked for; their median is what a 429 without Retry-After waits at least.
CREATE TABLE provider_waits (
    provider text NOT NULL,
    at       timestamptz NOT NULL,
    seconds  double precision NOT NULL CHECK (seconds >= 0)
);
CREATE INDEX provider_waits_by_time ON provider_waits (provider, at);

-- Hosts that only fail are left alone, across restarts too (images.md 12).
CREATE TABLE breakers (
    host            text PRIMARY KEY,
    failures_in_row integer NOT NULL DEFAULT 0,
    pause_seconds   double precision NOT NULL DEFAULT 0,
    opened_at       timestamptz,
    open_until      timestamptz,
    updated_at      timestamptz NOT NULL
);

-- Recoveries that were asked for and are not done: by owner, or for chosen images of it.
CREATE TABLE recovery_requests (
    id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    owner_kind        text NOT NULL CHECK (owner_kind IN ('venue', 'performer')),
    owner_id          bigint NOT NULL,
    image_ids         bigint[],  -- NULL = all of the owner's
    include_ambiguous boolean NOT NULL,
    priority          smallint NOT NULL CHECK (priority BETWEEN 1 AND 3),  -- 1 expiring links, 2 normal, 3 bulk
    options           jsonb NOT NULL,
    requested_by      text NOT NULL,
    requested_at      timestamptz NOT NULL,
    started_at        timestamptz,
    finished_at       timestamptz,
    outcome           jsonb
);
CREATE UNIQUE INDEX recovery_requests_waiting
    ON recovery_requests (owner_kind, owner_id, (image_ids IS NULL), include_ambiguous)
    WHERE started_at IS NULL AND finished_at IS NULL;
CREATE INDEX recovery_requests_by_owner ON recovery_requests (owner_kind, owner_id, requested_at DESC);

-- What runs by the clock, at most once for each due time over all daemons (D5).
CREATE TABLE scheduled_runs (
    name        text NOT NULL,
    due_at      timestamptz NOT NULL,
    started_at  timestamptz NOT NULL,
    finished_at timestamptz,
    holder      text NOT NULL,
    ok          boolean,
    outcome     jsonb,
    PRIMARY KEY (name, due_at)
);

CREATE TABLE cleanup_runs (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    started_at  timestamptz NOT NULL,
    finished_at timestamptz,
    report      jsonb
);

-- Files that no row needs, kept for a week where they can be fetched back.
CREATE TABLE quarantine (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cleanup_run    bigint NOT NULL REFERENCES cleanup_runs,
    storage_key    text NOT NULL,
    quarantine_key text NOT NULL UNIQUE,
    bytes          bigint NOT NULL,
    moved_at       timestamptz,
    ended_at       timestamptz,
    ended_how      text CHECK (ended_how IN ('restored', 'purged', 'gone')),
    CHECK ((ended_at IS NULL) = (ended_how IS NULL))
);
CREATE INDEX quarantine_by_run ON quarantine (cleanup_run);
CREATE INDEX quarantine_held ON quarantine (moved_at) WHERE ended_at IS NULL;

-- The statistics of a moment (five are kept), and a line a day for graphs.
CREATE TABLE statistics_snapshots (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    taken_at timestamptz NOT NULL,
    figures  jsonb NOT NULL
);
CREATE TABLE daily_figures (
    day     date PRIMARY KEY,
    figures jsonb NOT NULL
);

-- What a person did to images: one line for each image and action, with the row before and after.
CREATE TABLE review_actions (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    batch    uuid NOT NULL,
    at       timestamptz NOT NULL,
    who      text NOT NULL,
    action   text NOT NULL CHECK (action IN ('delete', 'recategorise', 'force_retry', 'clear', 'restore')),
    image_id bigint NOT NULL REFERENCES images,
    chosen   jsonb NOT NULL,
    before   jsonb NOT NULL,
    after    jsonb NOT NULL
);
CREATE INDEX review_actions_by_image ON review_actions (image_id, at DESC);
CREATE INDEX review_actions_by_time ON review_actions (at DESC);

-- An image row with its owner's slug: what the pipeline knows of one image.
CREATE VIEW known_photos AS
SELECT i.id, i.owner_kind, i.owner_id, coalesce(v.slug, p.slug) AS owner_slug, i.role, i.provider,
       i.provider_photo_id, i.identity, i.provider_url, i.status, i.storage_key, i.thumb_key, i.sha256,
       i.source_sha256, i.width, i.height, i.dhash, i.is_blank, i.quality_score, i.position, i.attribution,
       i.attribution_url, i.fetched_at, i.retry_count, i.failure_streak, i.retried_at, i.next_retry_at, i.error_type,
       i.reason, i.error, i.status_code, i.error_at, i.refresh_failed_at, i.finalized_at, i.deleted_at, i.version
FROM images i
LEFT JOIN venues v ON i.owner_kind = 'venue' AND v.id = i.owner_id
LEFT JOIN performers p ON i.owner_kind = 'performer' AND p.id = i.owner_id;

-- Whose images count in statistics: `counts` is true of saved venues that are no part of another one, and of saved
-- performers. It is a column and no WHERE, because only so can a join look owners up by their primary keys.
CREATE VIEW image_owners AS
SELECT 'venue'::text AS kind, id, slug, name, city, activity, latitude, longitude, place_id,
       saved_at IS NOT NULL AND merged_into IS NULL AS counts
FROM venues
UNION ALL
SELECT 'performer', id, slug, name, NULL, 0, NULL, NULL, NULL, saved_at IS NOT NULL
FROM performers;

-- The class of an image (images.md 6) as policy.classifying.ErrorClasses.of_image says it; NULL = it did not fail.
CREATE FUNCTION failure_class(
    status text, retry_count integer, error_type text, transient_types text[], permanent_types text[]
) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN status = 'permanently_failed' THEN 'permanent'
    WHEN status <> 'failed' THEN NULL
    WHEN retry_count >= 3 THEN 'permanent'
    WHEN error_type = ANY (transient_types) THEN 'transient'
    WHEN error_type = ANY (permanent_types) THEN 'permanent'
    ELSE 'ambiguous'
END;

-- The host of a stored URL, in lower case; NULL = there is none.
CREATE FUNCTION url_host(url text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN nullif(lower(substring(url FROM '^[A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#@]*@)?(\[[^]/?#]*\]|[^/?#:]*)')), '');
