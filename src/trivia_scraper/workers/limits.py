"""How many, how large, how long: what a worker process may use (safety.md 6)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WorkerLimits:
    """Limits of one pool.

    workers              worker processes
    memory_bytes         address space of one worker
    longest_job_seconds  no job is given more than this
    jobs_per_worker      jobs after which a worker is replaced, so that leaks stay small
    """

    workers: int = 2
    memory_bytes: int = 512 * 1024 * 1024
    longest_job_seconds: float = 10.0
    jobs_per_worker: int = 200
