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
    progress     jsonb,
    progress_at  timestamptz,
    finished_at  timestamptz,
    ok           boolean,
    outcome      jsonb
);
CREATE INDEX run_requests_open ON run_requests (requested_at) WHERE finished_at IS NULL;

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
    ADD COLUMN health       text,
    ADD COLUMN health_why   text,
    ADD COLUMN health_since timestamptz;
-- How many of the pages that were read stated each field.
ALTER TABLE source_runs
    ADD COLUMN coverage jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN read_pages integer NOT NULL DEFAULT 0;

-- One line a condition that was or is told to the operator: debounce, repeats, recovery (operations.md 10).
CREATE TABLE notices (
    condition     text PRIMARY KEY,
    kind          text NOT NULL,
    subject       text NOT NULL,
    message       text NOT NULL,
    times_in_row  integer NOT NULL,
    first_seen_at timestamptz NOT NULL,
    last_seen_at  timestamptz NOT NULL,
    sent_at       timestamptz,
    sends         integer NOT NULL DEFAULT 0,
    resolved_at   timestamptz
);

-- Politeness over several machines: when each host may be asked next, by whichever worker.
CREATE TABLE host_turns (
    host    text PRIMARY KEY,
    next_at timestamptz NOT NULL
);
