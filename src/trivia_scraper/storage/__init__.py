"""Floor 4, adapter: Postgres and files. Tries once; nothing above knows SQL."""
