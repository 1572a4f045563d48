"""Work in portions that travel between machines: frozen values, each with the run's options whole (D10).

A job crosses the border as one JSON document, and what is read back equals what was written. It may arrive more than
once: whoever does it looks first at what of it was done.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final, Literal, TypeAlias
from uuid import UUID

from pydantic import Field, TypeAdapter, ValidationError

from trivia_scraper.domain.errors import SetupError
from trivia_scraper.domain.models import Listing, OwnerKind
from trivia_scraper.domain.options import RefreshOptions

LISTINGS_PER_BATCH: Final = 25
"""About half a minute at a polite pace: little is done again when a worker dies, and little is spent on queueing."""

MOST_DEATHS: Final = 4
"""Workers that may die over a job before it is held: it might be what kills them."""

MOST_RETURNS: Final = 20
"""How often a job may be given back, by stopping workers or for want of a database, before it is given up."""


@dataclass(frozen=True, slots=True)
class QueuedVisit:
    """One listing of a batch, and what the plan visits it for."""

    listing: Listing
    why: str


@dataclass(frozen=True, slots=True)
class IndexJob:
    """Read one source's index and queue its batches."""

    run_id: UUID
    source: str
    options: RefreshOptions
    kind: Literal["index"] = "index"

    @property
    def dedupe_key(self) -> str:
        """Equal for what must not wait twice."""
        return f"index:{self.run_id}:{self.source}"

    @property
    def name(self) -> str:
        """For people."""
        return f"index of {self.source}"


@dataclass(frozen=True, slots=True)
class BatchJob:
    """Visit some listings of one source. `part` numbers the batches of a source's run from 0."""

    run_id: UUID
    source: str
    part: int
    visits: tuple[QueuedVisit, ...]
    options: RefreshOptions
    kind: Literal["batch"] = "batch"

    @property
    def dedupe_key(self) -> str:
        """Equal for what must not wait twice."""
        return f"batch:{self.run_id}:{self.source}:{self.part}"

    @property
    def name(self) -> str:
        """For people."""
        return f"batch {self.part} of {self.source}"

    @property
    def keys(self) -> tuple[str, ...]:
        """Stable keys of its listings."""
        return tuple(visit.listing.key for visit in self.visits)


@dataclass(frozen=True, slots=True)
class RecoveryJob:
    """Retry the failed images of one owner that are due."""

    run_id: UUID
    owner_kind: OwnerKind
    owner_id: int
    include_ambiguous: bool
    options: RefreshOptions
    kind: Literal["recovery"] = "recovery"

    @property
    def dedupe_key(self) -> str:
        """Equal for what must not wait twice, whichever run asked."""
        return f"recovery:{self.owner_kind}:{self.owner_id}"

    @property
    def name(self) -> str:
        """For people."""
        return f"recovery of {self.owner_kind} {self.owner_id}"


@dataclass(frozen=True, slots=True)
class RequestsJob:
    """Work the recoveries that were asked for and wait; each of them carries its own options."""

    run_id: UUID
    options: RefreshOptions
    kind: Literal["requests"] = "requests"

    @property
    def dedupe_key(self) -> str:
        """Equal for what must not wait twice, whichever run asked."""
        return "requests"

    @property
    def name(self) -> str:
        """For people."""
        return "recoveries that were asked for"


@dataclass(frozen=True, slots=True)
class EnrichmentJob:
    """Ask the photo providers about one venue."""

    run_id: UUID
    venue: str
    options: RefreshOptions
    kind: Literal["enrichment"] = "enrichment"

    @property
    def dedupe_key(self) -> str:
        """Equal for what must not wait twice, whichever run asked."""
        return f"enrichment:{self.venue}"

    @property
    def name(self) -> str:
        """For people."""
        return f"enrichment of {self.venue}"


@dataclass(frozen=True, slots=True)
class VerificationJob:
    """Ask whether the images that were verified longest ago are still right, `most` of them."""

    run_id: UUID
    most: int
    options: RefreshOptions
    kind: Literal["verification"] = "verification"

    @property
    def dedupe_key(self) -> str:
        """Equal for what must not wait twice, whichever run asked."""
        return "verification"

    @property
    def name(self) -> str:
        """For people."""
        return "verification of images"


QueuedJob: TypeAlias = IndexJob | BatchJob | RecoveryJob | RequestsJob | EnrichmentJob | VerificationJob

JOB_KINDS: Final = ("index", "batch", "requests", "recovery", "verification", "enrichment")
"""Every kind, the most urgent first: an index makes batches, and people wait for a run."""

_ADAPTER: Final[TypeAdapter[QueuedJob]] = TypeAdapter(Annotated[QueuedJob, Field(discriminator="kind")])


@dataclass(frozen=True, slots=True)
class Delivery:
    """A job as it arrived.

    deaths   how often it was begun by somebody who neither finished it nor gave it back
    returns  how often it was given back
    """

    job: QueuedJob
    deaths: int = 0
    returns: int = 0


class Ended(StrEnum):
    """What becomes of a job that was begun: done, given back to be done again, or held for a person."""

    DONE = "done"
    AGAIN = "again"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Ending:
    """How a job ended. `delay_seconds` is how long one that is given back waits."""

    ended: Ended
    delay_seconds: float = 0.0
    why: str = ""


DONE: Final = Ending(Ended.DONE)


def job_to_json(job: QueuedJob) -> str:
    """The one document in which a job crosses the border. `job_from_json` is its inverse."""
    return _ADAPTER.dump_json(job).decode()


def job_from_json(document: str | bytes) -> QueuedJob:
    """Read back what `job_to_json` wrote. Raises SetupError on anything else; nothing is assumed."""
    try:
        return _ADAPTER.validate_json(document, strict=True)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in problem["loc"]) or "document"
        raise SetupError(
            f"a queued job is unreadable: {where}: {problem['msg']}",
            hint="scheduler and workers must be of one version",
        ) from error
