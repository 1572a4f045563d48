-- Whose rows refer to this key, each locked until the transaction ends. Owners come before rows, as where a photo is
-- saved and where venues are merged; in one order, against deadlock.
-- $1 storage_key: text
SELECT owner_kind, owner_id, pg_advisory_xact_lock(hashtextextended(owner_kind || ':' || owner_id::text, 1)) AS locked
FROM (SELECT DISTINCT owner_kind, owner_id
      FROM images
      WHERE storage_key = $1
      ORDER BY owner_kind DESC, owner_id) AS ordered
