"""The child's side: a process that owns nothing but the job it was handed (safety.md 6, "Isolation").

No asyncio, no network code, no database. What it cannot shed is what its fork server was started with: an
address space of that size, and the pool's pipe.
"""

from __future__ import annotations

import math
import os
import resource
import signal
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from trivia_scraper.workers.limits import WorkerLimits

OPEN_FILES: Final = 32
_SPARE_CPU_SECONDS: Final = 1


@dataclass(frozen=True, slots=True)
class Fault:
    """A job that raised what it should not have: a bug, told in words, because an exception may not unpickle."""

    error: str
    traceback: str


def start(limits: WorkerLimits) -> None:
    """Run once in a new worker, before its first job: shed the environment, take on the limits."""
    # The default action ends a worker even while a decoder holds it, where a Python handler would wait.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.environ.clear()
    for limit, value in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CPU, _lifetime_cpu_seconds(limits)),
    ):
        resource.setrlimit(limit, (value, value))
    warnings.simplefilter("ignore")


def perform(job: Callable[[], object], seconds: float) -> object:
    """One job: its answer, or a Fault. Raises MemoryError alone."""
    _allow_cpu(seconds)
    try:
        return job()
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - nothing is swallowed: the parent raises it again, in words
        return Fault(f"{type(error).__name__}: {error}", traceback.format_exc())


def _lifetime_cpu_seconds(limits: WorkerLimits) -> int:
    return math.ceil(limits.longest_job_seconds + _SPARE_CPU_SECONDS) * limits.jobs_per_worker


def _allow_cpu(seconds: float) -> None:
    """Let this job use as much CPU as it has wall time: a limit that holds when the parent cannot look."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = math.ceil(used.ru_utime + used.ru_stime + seconds) + _SPARE_CPU_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (min(soft, hard), hard))
