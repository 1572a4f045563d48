-- The venue's facts, locked for this transaction.
-- $1 id: bigint
SELECT name, name_key, address, street, city, region, postcode, country, latitude, longitude, timezone, phone,
       website, facebook, instagram, place_id, fact_source, saved_at
FROM venues
WHERE id = $1
FOR UPDATE
