"""Databases that earlier tests have used and that are empty again: a clone for each test costs more than most tests.

A database goes back to the spare ones only if nothing tells it from a new clone: no session is left in it, and
`state_of` finds the schema, the settings and the rows of the migrations as the template has them. Any other is
dropped, and the next test gets a new clone.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import asyncpg

from trivia_scraper.storage.embedded import EmbeddedServer

LOANS = 60
"""Tests per database: dead rows are never vacuumed here."""
CATALOGS = (
    "pg_attrdef", "pg_attribute", "pg_constraint", "pg_enum", "pg_event_trigger", "pg_extension", "pg_index",
    "pg_namespace", "pg_policy", "pg_proc", "pg_rewrite", "pg_sequence", "pg_statistic", "pg_trigger", "pg_type",
)  # fmt: skip
"""Where changes of a schema, and statistics that change plans, leave traces. pg_class is read by columns."""
STATE = " UNION ALL ".join(
    [
        *(f"SELECT '{name}', count(*), sum(hashtext(ctid::text || xmin)) FROM {name}" for name in CATALOGS),
        "SELECT 'pg_class', count(*),"
        " sum(hashtext(ROW(oid, relname, relkind, relowner, relacl, reloptions, reltuples)::text)) FROM pg_class",
        "SELECT 'pg_database', count(*), sum(hashtext(ROW(datallowconn, datconnlimit, datacl)::text))"
        " FROM pg_database WHERE datname = current_database()",
        "SELECT 'pg_db_role_setting', count(*), NULL FROM pg_db_role_setting s"
        " JOIN pg_database d ON d.oid = s.setdatabase WHERE d.datname = current_database()",
        "SELECT 'sessions', count(*), NULL FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()",
    ]
)
FILLED = "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND oid >= 16384 AND pg_relation_size(oid) > 0"
COUNTED = "SELECT format('%I.%I', schemaname, sequencename) FROM pg_sequences WHERE last_value IS NOT NULL"
"""Sequences that gave a number."""

type_of_connection = asyncpg.Connection[asyncpg.Record]
