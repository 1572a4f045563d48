-- The directory (venues, events, performers, sightings), the image ledger, runs, and file intents.

CREATE SEQUENCE store_epoch;

CREATE TABLE runs (
    id            uuid PRIMARY KEY,
    options       jsonb NOT NULL,
    epoch         bigint NOT NULL,
    pid           integer NOT NULL,
    host          text NOT NULL,
    started_at    timestamptz NOT NULL,
    finished_at   timestamptz,
    finish_reason text,
    ok            boolean,
    report        jsonb
);
CREATE INDEX runs_by_start ON runs (started_at DESC);

CREATE TABLE sources (
    slug                 text PRIMARY KEY,
    first_run_at         timestamptz NOT NULL,
    last_run_at          timestamptz NOT NULL,
    last_complete_at     timestamptz,
    last_complete_listed integer,
    last_verdict         text NOT NULL,
    released_at          timestamptz -- since when a person lets this source be judged anew
);

CREATE TABLE source_runs (
    run_id      uuid NOT NULL REFERENCES runs ON DELETE CASCADE,
    source      text NOT NULL REFERENCES sources,
    verdict     text NOT NULL,
    listed      integer NOT NULL,
    report      jsonb NOT NULL,
    finished_at timestamptz NOT NULL,
    PRIMARY KEY (run_id, source)
);
CREATE INDEX source_runs_complete ON source_runs (source, finished_at DESC) WHERE verdict = 'complete';

-- What a person should look at: a held mass disappearance, look-alike venues, a broken source.
CREATE TABLE issues (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind        text NOT NULL,
    source      text,
    subject     text NOT NULL,
    message     text NOT NULL,
    run_id      uuid,
    at          timestamptz NOT NULL,
    resolved_at timestamptz
);
CREATE UNIQUE INDEX issues_open ON issues (kind, coalesce(source, ''), subject) WHERE resolved_at IS NULL;

-- A venue is claimed (id, slug, key) before its pictures are stored and saved together with them afterwards;
-- until saved_at is set no reader sees it.
CREATE TABLE venues (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    slug        text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9-]{1,80}$'),
    name        text NOT NULL,
    name_key    text NOT NULL,
    address     text,
    street      text,
    city        text,
    region      text,
    postcode    text,
    country     text NOT NULL CHECK (length(country) = 2),
    latitude    double precision CHECK (latitude BETWEEN -90 AND 90),
    longitude   double precision CHECK (longitude BETWEEN -180 AND 180),
    timezone    text NOT NULL,
    phone       text,
    website     text,
    facebook    text,
    instagram   text,
    place_id    text,
    fact_source text NOT NULL,
    saved_at    timestamptz,
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL,
    merged_into bigint REFERENCES venues
);
CREATE INDEX venues_by_name ON venues (name_key);
CREATE INDEX venues_by_position ON venues (latitude, longitude);
CREATE UNIQUE INDEX venues_by_place ON venues (place_id) WHERE place_id IS NOT NULL;

CREATE TABLE venue_keys (
    source   text NOT NULL,
    key      text NOT NULL,
    venue_id bigint NOT NULL REFERENCES venues,
    rule     text NOT NULL,
    claimed_at timestamptz NOT NULL,
    PRIMARY KEY (source, key)
);
CREATE INDEX venue_keys_by_venue ON venue_keys (venue_id);

CREATE TABLE slug_redirects (
    slug     text PRIMARY KEY,
    venue_id bigint NOT NULL REFERENCES venues
);

CREATE TABLE performers (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    slug       text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9-]{1,80}$'),
    name       text NOT NULL,
    name_key   text NOT NULL,
    source     text NOT NULL,
    saved_at   timestamptz,
    created_at timestamptz NOT NULL,
    UNIQUE (source, name_key)
);

CREATE TABLE events (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    venue_id     bigint NOT NULL REFERENCES venues,
    weekday      smallint NOT NULL CHECK (weekday BETWEEN 1 AND 7),
    start_time   time NOT NULL,
    end_time     time,
    frequency    text NOT NULL CHECK (frequency IN ('weekly', 'biweekly', 'monthly', 'irregular')),
    ordinals     smallint[] NOT NULL DEFAULT '{}',
    fee_minor    integer CHECK (fee_minor >= 0),
    currency     text NOT NULL CHECK (length(currency) = 3),
    title        text NOT NULL,
    description  text,
    status       text NOT NULL CHECK (status IN
                     ('active', 'paused', 'cancelled_once', 'not_public', 'starts_later', 'closed')),
    next_date    date,
    performer_id bigint REFERENCES performers,
    hero_url     text,
    fact_source  text NOT NULL,
    closed_at    timestamptz,
    closed_why   text,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    CHECK ((status = 'closed') = (closed_at IS NOT NULL))
);
-- E1: one running event per evening and hour of a venue.
CREATE UNIQUE INDEX events_slot ON events (venue_id, weekday, start_time) WHERE closed_at IS NULL;
CREATE INDEX events_by_venue ON events (venue_id);

-- Sightings: this source showed this event, where, when, and the words the facts came from (E7).
CREATE TABLE event_sources (
    event_id          bigint NOT NULL REFERENCES events,
    source            text NOT NULL,
    key               text NOT NULL,
    url               text NOT NULL,
    first_seen_at     timestamptz NOT NULL,
    last_seen_at      timestamptz NOT NULL,
    last_processed_at timestamptz,
    misses            integer NOT NULL DEFAULT 0,
    last_miss_run     uuid,
    raw_title         text,
    schedule_text     text,
    fee_text          text,
    PRIMARY KEY (event_id, source, key)
);
CREATE INDEX event_sources_by_key ON event_sources (source, key);

-- Every change of a stored fact, for the story of a venue.
CREATE TABLE changes (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id   uuid NOT NULL,
    at       timestamptz NOT NULL,
    venue_id bigint NOT NULL REFERENCES venues,
    event_id bigint REFERENCES events,
    source   text NOT NULL,
    kind     text NOT NULL,
    before   jsonb NOT NULL,
    after    jsonb NOT NULL
);
CREATE INDEX changes_by_venue ON changes (venue_id, at DESC);

-- One row per image (D2). Hero and profile are slots; gallery is open, one row per identity.
CREATE TABLE images (
    id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    owner_kind        text NOT NULL CHECK (owner_kind IN ('venue', 'performer')),
    owner_id          bigint NOT NULL,
    role              text NOT NULL CHECK (role IN ('hero', 'gallery', 'profile')),
    provider          text NOT NULL,
    provider_photo_id text,
    identity          text NOT NULL,
    provider_url      text,
    listing_key       text,
    status            text NOT NULL CHECK (status IN
                          ('uploaded', 'failed', 'permanently_failed', 'skipped', 'external')),
    storage_key       text,
    thumb_key         text,
    sha256            text,
    source_sha256     text,
    mime              text,
    bytes             bigint,
    width             integer,
    height            integer,
    dhash             bigint,
    etag              text,
    last_modified     text,
    quality_score     double precision,
    scoring_version   text,
    position          integer,
    attribution       text,
    attribution_url   text,
    fetched_at        timestamptz,
    verified_at       timestamptz,
    retry_count       integer NOT NULL DEFAULT 0,
    failure_streak    integer NOT NULL DEFAULT 0,
    retried_at        timestamptz,
    next_retry_at     timestamptz,
    error_type        text,
    reason            text,
    error             text,
    status_code       integer,
    error_at          timestamptz,
    retry_attempt     integer,
    finalized_at      timestamptz,
    refresh_failed_at timestamptz,
    claimed_by        text,
    claimed_until     timestamptz,
    last_run_id       uuid,
    version           integer NOT NULL DEFAULT 1,
    created_at        timestamptz NOT NULL,
    updated_at        timestamptz NOT NULL,
    deleted_at        timestamptz,
    CHECK ((status = 'uploaded') = (storage_key IS NOT NULL)),
    CHECK ((storage_key IS NULL) = (sha256 IS NULL))
);
CREATE UNIQUE INDEX images_slot ON images (owner_kind, owner_id, provider, role)
    WHERE role <> 'gallery' AND deleted_at IS NULL;
CREATE UNIQUE INDEX images_gallery ON images (owner_kind, owner_id, role, identity)
    WHERE role = 'gallery';
CREATE INDEX images_by_key ON images (storage_key) WHERE storage_key IS NOT NULL;
CREATE INDEX images_by_thumb ON images (thumb_key) WHERE thumb_key IS NOT NULL;
CREATE INDEX images_failed ON images (owner_kind, owner_id) WHERE status IN ('failed', 'permanently_failed');
CREATE INDEX images_due ON images (owner_kind, owner_id)
    WHERE status = 'failed' OR refresh_failed_at IS NOT NULL;

CREATE TABLE image_attempts (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    image_id    bigint NOT NULL REFERENCES images ON DELETE CASCADE,
    run_id      uuid NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('download', 'refresh', 'recovery')),
    at          timestamptz NOT NULL,
    duration_ms integer,
    outcome     text NOT NULL,
    error_type  text,
    reason      text,
    status_code integer,
    attempt     integer NOT NULL,
    bytes       bigint,
    excerpt     text
);
CREATE INDEX image_attempts_by_image ON image_attempts (image_id, at DESC);

-- Files that are about to appear, or may have to go: what recovery looks at after a crash (safety.md 9).
CREATE TABLE file_intents (
    storage_key text PRIMARY KEY,
    kind        text NOT NULL CHECK (kind IN ('put', 'collect')),
    epoch       bigint NOT NULL,
    created_at  timestamptz NOT NULL
);
