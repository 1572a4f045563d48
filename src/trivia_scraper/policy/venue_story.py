"""What happens to a venue next, and why: from what is stored and from the settings. Pure.

The rules are those that act: `planning` for visits, `recovering` for failed pictures, `staleness` for galleries, and
the slots of `slots`. Here they are only said.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from trivia_scraper.domain.failures import FailureClass
from trivia_scraper.domain.models import ImageRole, ImageStatus
from trivia_scraper.domain.schedules import Job
from trivia_scraper.domain.venue_story import (
    ImageFacts,
    ListingFacts,
    Next,
    ToldImage,
    ToldListing,
    VenueFacts,
    VenueStory,
)
from trivia_scraper.policy.classifying import MOST_RECOVERIES, ErrorClasses
from trivia_scraper.policy.slots import starts_at
from trivia_scraper.policy.staleness import StalenessTerms, next_enrichment_due
from trivia_scraper.policy.verifying import LEAST_BETWEEN

_HELD: Final = "held"


@dataclass(frozen=True, slots=True)
class StoryTerms:
    """The settings that decide what comes next.

    freshness         of each source that this installation reads, switched on or not
    refreshes         its job, for those that have one; enrichment and verification likewise, None = never
    revalidate_after  None = a stored picture is never asked for again by its age
    photo_providers   those that are switched on
    """

    freshness: Mapping[str, dt.timedelta]
    enabled: frozenset[str]
    refreshes: Mapping[str, Job]
    verification: Job | None
    enrichment: Job | None
    runs_before_missing: int
    revalidate_after: dt.timedelta | None
    staleness: StalenessTerms
    photo_providers: frozenset[str]
    classes: ErrorClasses


def tell_story(asked: str, facts: VenueFacts, terms: StoryTerms, now: dt.datetime) -> VenueStory:
    """The facts, and to each what comes next."""
    listings = tuple(ToldListing(listing, next_visit(listing, terms, now)) for listing in facts.listings)
    images = tuple(
        ToldImage(image, class_of(image, terms.classes), next_of_image(image, terms, now)) for image in facts.images
    )
    return VenueStory(asked, facts, listings, images, next_of_gallery(facts, terms, now))


def next_visit(listing: ListingFacts, terms: StoryTerms, now: dt.datetime) -> Next:
    """When the venue is visited again for this listing, or why it is not."""
    source = listing.source
    if source not in terms.freshness:
        return Next(None, "never: this installation does not know the source any more")
    if source not in terms.enabled:
        return Next(None, f"never by itself: the source is switched off; now: trivia-scraper run --source {source}")
    if listing.source_paused_at is not None:
        return Next(None, f"not while the source is paused: trivia-scraper sources resume {source}")
    if listing.source_verdict == _HELD:
        return Next(None, f"not while the source is held: trivia-scraper sources release {source}")
    if not listing.evenings:
        return Next(None, "when the index shows it again: none of its evenings runs")
    job = terms.refreshes.get(source)
    if job is None:
        return Next(None, f"never by itself: the source has no schedule; now: trivia-scraper run --source {source}")
    why, due_at = _due(listing, terms.freshness[source], now)
    at = _first_start(job, max(due_at, now))
    if listing.misses:
        left = terms.runs_before_missing - listing.misses
        missing = f"{listing.misses} of {terms.runs_before_missing} complete indexes in a row did not show it"
        closing = f"{left} more and its evenings close" if left > 0 else "its evenings close with the next one"
        return Next(at, f"if the index shows it again: {missing}, {closing}")
    return Next(at, why)


def _due(listing: ListingFacts, freshness: dt.timedelta, now: dt.datetime) -> tuple[str, dt.datetime]:
    if listing.last_read_at is None:
        return "it was never read", now
    if listing.image_due:
        return "a picture of it is due again", now
    fresh_until = listing.last_read_at + freshness
    if fresh_until <= now:
        return "it was not read lately", now
    return f"until {fresh_until:%Y-%m-%d %H:%M} UTC it counts as fresh and is skipped", fresh_until


def _first_start(job: Job, earliest: dt.datetime) -> dt.datetime | None:
    """The first start of a job that is not before `earliest`."""
    due_at = job.crontab.next_after(earliest - job.jitter - dt.timedelta(seconds=1))
    while due_at is not None:
        start = starts_at(job, due_at)
        if start >= earliest:
            return start
        due_at = job.crontab.next_after(due_at)
    return None


def class_of(facts: ImageFacts, classes: ErrorClasses) -> str:
    """The class of a picture's last failure; "" where none is on record."""
    image = facts.image
    standing = classes.of_image(ImageStatus(image.status), image.retry_count, image.error_type)
    if standing is not None:
        return str(standing)
    return str(classes.of(image.error_type)) if image.error_type else ""


def next_of_image(facts: ImageFacts, terms: StoryTerms, now: dt.datetime) -> Next:
    """What happens to a picture next by itself, or what a person has to do."""
    image = facts.image
    match ImageStatus(image.status):
        case ImageStatus.UPLOADED:
            return _next_of_stored(facts, terms, now)
        case ImageStatus.FAILED:
            return _next_of_failed(facts, terms, now)
        case ImageStatus.PERMANENTLY_FAILED:
            return Next(None, f"closed until its source names another, or a person opens it: {_review(image.id)}")
        case ImageStatus.SKIPPED:
            return Next(None, "downloads were switched off (enrichment.download); the next listing brings it")
        case ImageStatus.EXTERNAL:
            return Next(None, "a link only: nothing is fetched")


def _next_of_stored(facts: ImageFacts, terms: StoryTerms, now: dt.datetime) -> Next:
    image = facts.image
    if image.refresh_failed_at is not None:
        by = "its venue's next visit" if image.role != ImageRole.GALLERY else "its providers' next listing"
        return Next(None, f"the good copy stays; {by} asks for it again")
    if terms.revalidate_after is None or image.verified_at is None:
        return Next(None, "kept as it is: images.revalidate_after says never")
    at = image.verified_at + max(terms.revalidate_after, LEAST_BETWEEN)
    by = "the verification" if terms.verification is not None else "a visit"
    return Next(max(at, now), f"from then on {by} asks its site whether it has changed")


def _next_of_failed(facts: ImageFacts, terms: StoryTerms, now: dt.datetime) -> Next:
    image = facts.image
    if facts.left_alone_until is not None:
        return Next(facts.left_alone_until, "its host is left alone until then; no attempt is counted")
    failure_class = class_of(facts, terms.classes)
    if failure_class == FailureClass.PERMANENT:
        return Next(None, "the next recovery closes it: trying again cannot work")
    if failure_class == FailureClass.AMBIGUOUS:
        command = f"trivia-scraper retry --image {image.id} --include-ambiguous"
        return Next(None, f"waits for a person, or its venue's next visit: {command}")
    at = max(image.next_retry_at or now, now)
    attempt = f"recovery attempt {image.retry_count + 1} of {MOST_RECOVERIES}"
    if facts.recovery_asked_at is not None:
        return Next(at, f"{attempt}; its owner waits in the queue")
    return Next(at, f"{attempt} from its stored address")


def next_of_gallery(facts: VenueFacts, terms: StoryTerms, now: dt.datetime) -> Next:
    """When its photo providers are asked next."""
    slug = facts.venue.slug
    if not terms.photo_providers:
        return Next(None, "never: no photo provider is switched on ([providers])")
    gallery = facts.gallery
    due_at = next_enrichment_due(gallery.last_checked_at, has_images=gallery.has_images, terms=terms.staleness)
    why = "its providers never answered" if due_at is None else f"due since {due_at:%Y-%m-%d}"
    if due_at is not None and due_at > now:
        why = f"until {due_at:%Y-%m-%d} it counts as fresh"
    if terms.enrichment is None:
        return Next(None, f"never by itself ({why}); now: trivia-scraper enrich --venue {slug}")
    return Next(_first_start(terms.enrichment, max(due_at or now, now)), why)


def _review(image_id: int) -> str:
    return f"trivia-scraper review force-retry {image_id}"


def options_in_words(options: Mapping[str, object] | None) -> str:
    """A run's options as the flags that ask for them: "--force-refresh-images --limit 1"."""
    if options is None:
        return "options not kept"
    words: list[str] = []
    for name, value in options.items():
        flag = _FLAGS.get(name, f"--{name.replace('_', '-')}")
        if value is True:
            words.append(flag)
        elif isinstance(value, list | tuple):
            words += [f"{flag} {each}" for each in value]
        elif value not in (None, False):
            words.append(f"{flag} {value:g}s" if isinstance(value, float) else f"{flag} {value}")
    return " ".join(words) or "nothing out of the ordinary"


_FLAGS: Final = {
    "sources": "--source",
    "venues": "--venue",
    "providers": "--provider",
    "max_time_seconds": "--max-time",
}
