-- How sure a match was, pairs of venues that look alike, merges that can be undone, changes that no run made.

-- 1 where nobody had to guess: a known place id, or the key that its venue was made from.
ALTER TABLE venue_keys
    ADD COLUMN confidence double precision NOT NULL DEFAULT 1.0 CHECK (confidence BETWEEN 0 AND 1);

-- Venues that may be one place (V4), for a person to decide. 'different' stays different.
CREATE TABLE venue_pairs (
    low_id              bigint NOT NULL REFERENCES venues,
    high_id             bigint NOT NULL REFERENCES venues,
    score               double precision NOT NULL CHECK (score BETWEEN 0 AND 1),
    name_similarity     double precision NOT NULL,
    location_similarity double precision NOT NULL,
    band                text NOT NULL CHECK (band IN ('high', 'medium', 'low')),
    why                 text NOT NULL,
    state               text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'different', 'merged')),
    found_at            timestamptz NOT NULL,
    decided_at          timestamptz,
    PRIMARY KEY (low_id, high_id),
    CHECK (low_id < high_id),
    CHECK ((state = 'open') = (decided_at IS NULL))
);
CREATE INDEX venue_pairs_by_high ON venue_pairs (high_id);
CREATE INDEX venue_pairs_open ON venue_pairs (score DESC) WHERE state = 'open';

-- One line a merge: every row that moved or changed, as it was and as the merge left it, so that it can be undone.
CREATE TABLE venue_merges (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    winner_id bigint NOT NULL REFERENCES venues,
    loser_id  bigint NOT NULL REFERENCES venues,
    at        timestamptz NOT NULL,
    moved     jsonb NOT NULL,
    undone_at timestamptz,
    CHECK (winner_id <> loser_id)
);
CREATE UNIQUE INDEX venue_merges_standing ON venue_merges (loser_id) WHERE undone_at IS NULL;
CREATE INDEX venue_merges_by_winner ON venue_merges (winner_id);

CREATE INDEX venues_merged ON venues (merged_into) WHERE merged_into IS NOT NULL;
-- Places that might be the one meant are also looked for by postcode and within a city.
CREATE INDEX venues_by_postcode ON venues (upper(regexp_replace(postcode, '\s', '', 'g')));
CREATE INDEX venues_by_city ON venues (lower(city));

-- A merged venue keeps its facts, and the venue it became may have the same place id.
DROP INDEX venues_by_place;
CREATE UNIQUE INDEX venues_by_place ON venues (place_id) WHERE place_id IS NOT NULL AND merged_into IS NULL;

-- What a person does belongs to no run.
ALTER TABLE changes ALTER COLUMN run_id DROP NOT NULL;
CREATE INDEX changes_by_run ON changes (run_id) WHERE run_id IS NOT NULL;
