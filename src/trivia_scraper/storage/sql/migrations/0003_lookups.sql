-- Each address that was looked up, once for ever when it was found; the others may be asked again.
CREATE TABLE place_lookups (
    query     text PRIMARY KEY,
    asked_at  timestamptz NOT NULL,
    outcome   text NOT NULL CHECK (outcome IN ('found', 'nothing', 'failed')),
    latitude  double precision CHECK (latitude BETWEEN -90 AND 90),
    longitude double precision CHECK (longitude BETWEEN -180 AND 180),
    city      text,
    postcode  text,
    error     text,
    CHECK ((outcome = 'found') = (latitude IS NOT NULL)),
    CHECK ((outcome = 'found') = (longitude IS NOT NULL))
);
-- Which positions of venues were looked up: what a source states itself counts more.
CREATE INDEX place_lookups_by_position ON place_lookups (latitude, longitude) WHERE outcome = 'found';
