-- A venue became part of another, or stands by itself again (null).
-- $1 venue: bigint
-- $2 into: bigint
UPDATE venues SET merged_into = $2 WHERE id = $1
