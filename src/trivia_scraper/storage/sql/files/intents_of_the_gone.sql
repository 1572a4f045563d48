-- Keys whose fate is open because the process that announced them is gone.
SELECT storage_key
FROM file_intents AS intent
WHERE NOT EXISTS (SELECT FROM store_epochs AS owner WHERE owner.epoch = intent.epoch AND owner.fenced_at IS NULL)
ORDER BY storage_key
