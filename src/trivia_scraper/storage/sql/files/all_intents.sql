-- Every key whose fate a crash left open.
SELECT storage_key FROM file_intents ORDER BY storage_key
