-- The daemon: who may write, what was asked of it, what runs by the clock, how sources fare, what was told to whom.

-- One line for each process that ever held this store or worked on it. A process whose number is fenced writes
-- nothing any more, however long it slept (safety.md 12, F46).
CREATE TABLE store_epochs (
    epoch     bigint PRIMARY KEY,
    role      text NOT NULL CHECK (role IN ('run', 'daemon', 'scheduler', 'worker')),
    pid       integer NOT NULL,
    host      text NOT NULL,
    taken_at  timestamptz NOT NULL,
    fenced_at timestamptz
);
CREATE INDEX store_epochs_open ON store_epochs (epoch) WHERE fenced_at IS NULL;

-- Whether this number may still write; holds it against being fenced until the transaction ends. The first number of
-- the lock says what it is about.
CREATE FUNCTION may_write(wanted bigint) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(1953655158, (wanted & 2147483647)::integer);
    -- A statement of its own, so that it sees what was committed while the lock was waited for.
    RETURN EXISTS (SELECT FROM store_epochs WHERE epoch = wanted AND fenced_at IS NULL);
END
$$;

-- The reverse: waits for what this number is just writing, then shuts it out.
CREATE FUNCTION fence(unwanted bigint, at timestamptz) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(1953655158, (unwanted & 2147483647)::integer);
    UPDATE store_epochs SET fenced_at = at WHERE epoch = unwanted AND fenced_at IS NULL;
END
$$;

-- What people asked of the daemon: the options whole, as one document. The id is that of the run.
CREATE TABLE run_requests (
    id           uuid PRIMARY KEY,
    kind         text NOT NULL CHECK (kind IN ('refresh', 'recovery', 'cleanup', 'enrichment')),
    options      jsonb NOT NULL,
    details      jsonb NOT NULL,
    requested_by text NOT NULL,
    requested_at timestamptz NOT NULL,
    taken_at     timestamptz,
    epoch        bigint,
    attempts     integer NOT NULL DEFAULT 0,
    stop_asked_at timestamptz,
    -- json, not jsonb: what was printed here and there alike keeps its order
    progress     json,
    progress_at  timestamptz,
    finished_at  timestamptz,
    ok           boolean,
    outcome      json
);
CREATE INDEX run_requests_open ON run_requests (requested_at) WHERE finished_at IS NULL;
CREATE INDEX run_requests_finished ON run_requests (finished_at);

-- Whether nobody works on what was taken under this number: it never was, or its process may not write any more.
CREATE FUNCTION is_abandoned(taken_by bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT taken_by IS NULL OR NOT EXISTS (SELECT FROM store_epochs WHERE epoch = taken_by AND fenced_at IS NULL)
$$;

-- What runs by the clock: which process has it, how often it was begun, whether a later slot went into it.
ALTER TABLE scheduled_runs
    ADD COLUMN epoch       bigint,
    ADD COLUMN attempts    integer NOT NULL DEFAULT 1,
    ADD COLUMN run_id      uuid,
    ADD COLUMN merged_into timestamptz,
    ADD COLUMN skipped     text;
CREATE INDEX scheduled_runs_latest ON scheduled_runs (name, due_at DESC);
CREATE INDEX scheduled_runs_open ON scheduled_runs (name) WHERE finished_at IS NULL AND merged_into IS NULL AND skipped IS NULL;

-- How far a run is, for whoever looks; renewed every few seconds.
ALTER TABLE runs
    ADD COLUMN progress    jsonb,
    ADD COLUMN progress_at timestamptz;

-- A source that a person stopped for a while, and what its last runs say of it (operations.md O17-O19).
ALTER TABLE sources
    ADD COLUMN paused_at    timestamptz,
    ADD COLUMN paused_by    text,
    ADD COLUMN paused_why   text,
    ADD COLUMN health       text,
    ADD COLUMN health_why   text,
    ADD COLUMN health_since timestamptz,
    -- a source may be paused before its first run
    ALTER COLUMN first_run_at DROP NOT NULL,
    ALTER COLUMN last_run_at DROP NOT NULL,
    ALTER COLUMN last_verdict DROP NOT NULL;
-- How many of the pages that were read stated each field.
ALTER TABLE source_runs
    ADD COLUMN coverage jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN read_pages integer NOT NULL DEFAULT 0;
CREATE INDEX source_runs_by_source ON source_runs (source, finished_at DESC);

-- Each visit of a venue, whatever came of it: why the plan had it, and in which run, whose options are in `runs`.
CREATE TABLE venue_visits (
    venue_id   bigint NOT NULL REFERENCES venues,
    source     text NOT NULL,
    key        text NOT NULL,
    run_id     uuid NOT NULL,
    at         timestamptz NOT NULL,
    why        text NOT NULL,
    outcome    text NOT NULL,
    error_type text,
    error      text,
    PRIMARY KEY (venue_id, source, key, run_id)
);
CREATE INDEX venue_visits_by_time ON venue_visits (at);

-- Stored pictures by when their sites were asked last: those that were asked longest ago are verified first.
CREATE INDEX images_asked ON images (greatest(verified_at, refresh_failed_at))
    WHERE storage_key IS NOT NULL AND deleted_at IS NULL;
CREATE OR REPLACE VIEW known_photos AS
SELECT i.id, i.owner_kind, i.owner_id, coalesce(v.slug, p.slug) AS owner_slug, i.role, i.provider,
       i.provider_photo_id, i.identity, i.provider_url, i.status, i.storage_key, i.thumb_key, i.sha256,
       i.source_sha256, i.width, i.height, i.dhash, i.is_blank, i.quality_score, i.position, i.attribution,
       i.attribution_url, i.fetched_at, i.retry_count, i.failure_streak, i.retried_at, i.next_retry_at, i.error_type,
       i.reason, i.error, i.status_code, i.error_at, i.refresh_failed_at, i.finalized_at, i.deleted_at, i.version,
       i.etag, i.last_modified, i.verified_at, i.bytes
FROM images i
LEFT JOIN venues v ON i.owner_kind = 'venue' AND v.id = i.owner_id
LEFT JOIN performers p ON i.owner_kind = 'performer' AND p.id = i.owner_id;

-- One line a condition that was or is told to the operator: debounce, repeats, recovery (operations.md 10).
CREATE TABLE notices (
    condition     text PRIMARY KEY,
    kind          text NOT NULL,
    subject       text NOT NULL,
    message       text NOT NULL,
    severity      text NOT NULL CHECK (severity IN ('warning', 'critical')),
    times_in_row  integer NOT NULL,
    absent_in_row integer NOT NULL DEFAULT 0,
    first_seen_at timestamptz NOT NULL,
    last_seen_at  timestamptz NOT NULL,
    sent_at       timestamptz,
    sends         integer NOT NULL DEFAULT 0,
    resolved_at   timestamptz
);

-- How old the stored pictures of each provider are, and how many bytes they have: counted from here alone.
CREATE INDEX images_verified ON images (provider, verified_at) INCLUDE (bytes)
    WHERE status = 'uploaded' AND deleted_at IS NULL;

-- Politeness over several machines: when each host may be asked next, by whichever worker.
CREATE TABLE host_turns (
    host    text PRIMARY KEY,
    next_at timestamptz NOT NULL
);

-- A run that several machines do: one row a source, one row each listing that is to be visited. What was done is told
-- here first, so that a job that arrives twice does nothing twice and each outcome counts once.
CREATE TABLE spread_sources (
    run_id        uuid NOT NULL REFERENCES runs ON DELETE CASCADE,
    source        text NOT NULL,
    begun_at      timestamptz NOT NULL,
    planned_at    timestamptz,
    seen_keys     text[],
    report        jsonb,
    called_off_at timestamptz,
    concluded_at  timestamptz,
    PRIMARY KEY (run_id, source)
);
CREATE TABLE spread_visits (
    run_id  uuid NOT NULL,
    source  text NOT NULL,
    key     text NOT NULL,
    report  jsonb,
    done_at timestamptz,
    PRIMARY KEY (run_id, source, key),
    FOREIGN KEY (run_id, source) REFERENCES spread_sources ON DELETE CASCADE
);
CREATE INDEX spread_visits_open ON spread_visits (run_id, source) WHERE done_at IS NULL;

-- The queue of several machines lies in a schema of its own, which its library makes and changes. What it has no call
-- for stands here: forget lines that were counted long ago, jobs that were held (an issue tells of each), old counts.
CREATE FUNCTION prune_queue_log(before timestamptz) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    forgotten bigint;
BEGIN
    DELETE FROM trivia_queue.pgqueuer_statistics WHERE created < before - interval '90 days';
    DELETE FROM trivia_queue.pgqueuer WHERE status = 'failed' AND updated < before;
    DELETE FROM trivia_queue.pgqueuer_log WHERE aggregated AND created < before;
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    RETURN forgotten;
END
$$;

-- And: say whether a job of this key, or one whose key begins like that, waits or is being done.
CREATE FUNCTION is_queued(key text, beginning text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (
        SELECT
        FROM trivia_queue.pgqueuer
        WHERE status IN ('queued', 'picked') AND (dedupe_key = key OR starts_with(dedupe_key, beginning)));
END
$$;
