-- New venues are claimed one at a time (V3): any rule of V1 and V2 may find what another task is just claiming, and
-- no key or position is common to all of them. The transaction is short, and known venues never come here.
SELECT pg_advisory_xact_lock(hashtextextended('claiming a venue', 0))
