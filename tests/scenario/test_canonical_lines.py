"""One log line a listing and one a picture, each complete by itself (issue 5.3; operations.md 6)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from support.house import House, make_options
from trivia_scraper.demo.switches import ImageFault, ImageSwitch, VenueSwitch
from trivia_scraper.domain.errors import RowRejected
from trivia_scraper.domain.models import OwnerKind
from trivia_scraper.domain.photos import PhotoSave, PhotoSaved
from trivia_scraper.domain.recovery import RecoveryEnd, RecoveryRequest
from trivia_scraper.pipeline.recovery import recover_owner

KEY = "quizmeisters"
DETAIL_FIELDS = {
    "run_id", "source", "venue", "listing", "outcome", "changes", "images", "bytes", "attempts", "duration_ms",
    "force_refresh",
}  # fmt: skip
IMAGE_FIELDS = {
    "run_id", "source", "venue", "owner", "role", "provider", "url", "outcome", "status_code", "attempts", "bytes",
    "duration_ms", "error_type", "reason", "force_refresh",
}  # fmt: skip


def by_listing(house: House, event: str) -> dict[str, Mapping[str, Any]]:
    """Lines of this event by the listing that they tell of: one each."""
    lines = house.events(event)
    assert len({line["listing"] for line in lines}) == len(lines)
    return {line["listing"]: line for line in lines}


async def test_one_line_tells_all_of_a_listing(house: House) -> None:
    first = await house.run(sources=(KEY,), limit=2, force_refresh_images=True)
    lines = by_listing(house, "detail.finished")
    assert len(lines) == 2
    for line in lines.values():
        assert line.keys() >= DETAIL_FIELDS
        assert (line["outcome"], line["attempts"], line["force_refresh"]) == ("created", 1, True)
        pictures = [image for image in house.events("image.finished") if image["venue"] == line["venue"]]
        assert line["bytes"] > sum(image["bytes"] for image in pictures) > 0
        assert line["duration_ms"] >= 0
    report = first.sources[KEY]
    assert sum(line["images"].get("new", 0) for line in lines.values()) == report.images["new"]
    assert sum(line["bytes"] for line in lines.values()) < report.bytes_received, "the index is no listing's"

    failing = next(iter(lines))
    house.replica.site.flip(VenueSwitch(provider=KEY, key=failing, page_status=503))
    [changed] = lines.keys() - {failing}
    house.replica.site.flip(VenueSwitch(provider=KEY, key=changed, start=dt.time(21, 45)))
    second = await house.run(sources=(KEY,), limit=2, force_update=True)
    [failed] = house.events("detail.failed")
    assert (failed["run_id"], failed["listing"], failed["outcome"]) == (str(second.run_id), failing, "failed")
    assert (failed["error_type"], failed["attempts"]) == ("service_unavailable", 3)
    assert failed["duration_ms"] >= 0
    [told] = house.events("detail.finished")
    assert (told["outcome"], told["changes"]) == ("updated", ["event_time"])
    assert told["images"] == {"fresh_skipped": 2}


async def test_one_line_tells_all_of_a_picture_whatever_became_of_it(house: House) -> None:
    await house.run(sources=(KEY,), limit=1)
    lines = {line["role"]: line for line in house.events("image.finished")}
    assert lines.keys() == {"hero", "profile"}
    for line in lines.values():
        assert line.keys() >= IMAGE_FIELDS
        assert (line["outcome"], line["status_code"], line["attempts"], line["error_type"]) == ("new", 200, 1, None)
        assert (line["provider"], line["force_refresh"]) == (KEY, False)
        assert line["bytes"] > 1000
    assert lines["hero"]["owner"] == lines["hero"]["venue"]
    assert lines["profile"]["owner"] != lines["profile"]["venue"]

    [hero] = [image for image in await house.images() if image.role == "hero"]
    house.replica.site.flip(ImageSwitch(path=hero.provider_url or "", fault=ImageFault.STATUS, status=503))
    await house.run(sources=(KEY,), limit=1, force_refresh_images=True)
    [failed] = [line for line in house.events("image.finished") if line["role"] == "hero"]
    assert (failed["outcome"], failed["status_code"], failed["attempts"], failed["bytes"]) == ("failed", 503, 3, 0)
    assert (failed["error_type"], failed["force_refresh"]) == ("service_unavailable", True)
    house.replica.site.clear()
    await house.run(sources=(KEY,), limit=1, force_update=True)
    skipped = [line for line in house.events("image.finished") if line["role"] == "profile"]
    assert [(line["outcome"], line["attempts"]) for line in skipped] == [("fresh_skipped", 0)]


async def test_a_recovery_tells_the_same_line_and_a_refused_row_costs_no_other_picture(house: House) -> None:
    """RowRejected is one picture's: the owner's others go on, and nothing is left behind without a row."""
    await house.run(sources=(KEY,), limit=1)
    [venue] = await house.venues()
    await house.query(
        "UPDATE images SET owner_kind = 'venue', owner_id = $1, role = 'gallery', status = 'failed', sha256 = NULL,"
        " storage_key = NULL, thumb_key = NULL, source_sha256 = NULL, dhash = NULL, error_type = 'rate_limited',"
        " next_retry_at = now()",
        venue.id,
    )
    refused, taken = sorted(image.id for image in await house.images())
    services = replace(house.services, photos=_Refusing(house.services.photos, refused))
    house.capture.entries.clear()
    request = RecoveryRequest(include_ambiguous=False)
    recovery = await recover_owner(OwnerKind.VENUE, venue.id, request, make_options(), services)
    ends = {image.id: image.end for image in recovery.images}
    assert ends == {refused: RecoveryEnd.FAILED, taken: RecoveryEnd.UPLOADED}
    lines = {line["image"]: line for line in house.events("image.finished")}
    assert (lines[refused]["outcome"], lines[refused]["error_type"]) == ("postponed", "storage_error")
    assert (lines[taken]["outcome"], lines[taken]["status_code"], lines[taken]["attempts"]) == ("recovered", 200, 1)
    assert lines[taken].keys() >= {"run_id", "owner", "role", "provider", "url", "kind", "bytes", "duration_ms"}
    [row] = await house.query("SELECT status, retry_count FROM images WHERE id = $1", refused)
    assert tuple(row.values()) == ("failed", 0)
    files_of_the_first_run = await house.problems()
    assert not [problem for problem in files_of_the_first_run if "intent" in problem]


class _Refusing:
    """A ledger whose database will not have one picture's row."""

    def __init__(self, inner: Any, image_id: int) -> None:
        self._inner = inner
        self._image_id = image_id

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def save_photo(self, save: PhotoSave, *told: Any) -> PhotoSaved:
        if save.known is not None and save.known.id == self._image_id:
            raise RowRejected("database: a check was violated")
        saved: PhotoSaved = await self._inner.save_photo(save, *told)
        return saved
