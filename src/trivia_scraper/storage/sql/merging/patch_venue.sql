-- Write some facts of a venue, named as its columns.
-- $1 id: bigint
-- $2 facts: jsonb
UPDATE venues v
SET (address, street, city, region, postcode, latitude, longitude, phone, website, facebook, instagram, place_id,
     updated_at) =
    (SELECT r.address, r.street, r.city, r.region, r.postcode, r.latitude, r.longitude, r.phone, r.website, r.facebook,
            r.instagram, r.place_id, r.updated_at
     FROM jsonb_populate_record(v, $2) r)
WHERE v.id = $1
