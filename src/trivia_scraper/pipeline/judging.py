"""Whether a checked picture may take a stored one's place: what the ledger knows of placeholders, then policy."""

from __future__ import annotations

from typing import Final

from trivia_scraper.domain.catalog import ClaimedOwner
from trivia_scraper.domain.errors import ImageRejected
from trivia_scraper.domain.failures import Reason
from trivia_scraper.domain.images import InspectedImage
from trivia_scraper.pipeline.attempts import attempt_storing
from trivia_scraper.policy.replacements import PictureFacts, worse_because
from trivia_scraper.ports import Services

_SAYING: Final = {
    Reason.PLACEHOLDER: 'it stands for "no picture": several owners show it',
    Reason.BLANK: "it is blank",
    Reason.TINY: "it is much smaller",
}


async def is_placeholder(
    provider: str, owner: ClaimedOwner, source_sha256: str, dhash: int | None, services: Services
) -> bool:
    """Whether a picture stands for "no picture" (safety.md 6)."""
    return await attempt_storing(
        lambda: services.photos.is_placeholder(provider, source_sha256, dhash, owner.kind, owner.id),
        "looking for a placeholder",
        services,
    )


async def refuse_worse(
    provider: str,
    owner: ClaimedOwner,
    old: PictureFacts,
    source_sha256: str,
    inspected: InspectedImage,
    services: Services,
) -> None:
    """Raise ImageRejected where the new picture is worse than the good one that is stored."""
    stands_for_none = await is_placeholder(provider, owner, source_sha256, inspected.dhash, services)
    new = PictureFacts(inspected.width, inspected.height, inspected.is_blank, stands_for_none)
    reason = worse_because(old, new)
    if reason is not None:
        size = f"{inspected.width} x {inspected.height}"
        raise ImageRejected(
            f"worse than the stored picture, which stays: {_SAYING[reason]} ({size} pixels)", reason=reason
        )
