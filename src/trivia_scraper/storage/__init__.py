"""Adapter: Postgres and files. Tries once; nothing above knows SQL."""
