"""The engine room: jobs run here in worker processes that can be killed (safety.md 6).

A job is a callable that can be pickled; its answer is a plain value. `pool` and `workforce` are the parent's
side, `child` the worker's. What a job does is its sender's business: pictures in `imaging`, pages in `reading`.
"""
