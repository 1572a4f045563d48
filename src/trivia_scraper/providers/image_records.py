"""Image records of an older application, one JSON object a line, in the form of images.md 3 (R81, R84, R222).

Nothing here raises, whatever a line holds. What the older application stored is not ours: its `uploaded` becomes
`external`, a link. A failure stays one, with its error and its count. What is not understood is never taken for good.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from trivia_scraper.domain.failures import ErrorType
from trivia_scraper.domain.importing import (
    ImportedFailure,
    ImportedImage,
    OwnerName,
    ReadRecord,
    RejectedRecord,
    RejectReason,
)
from trivia_scraper.domain.models import ImageRef, ImageRole, ImageStatus, OwnerKind
from trivia_scraper.domain.redaction import redact_text
from trivia_scraper.policy.identity import GOOGLE_PLACES, image_identity, photo_identity
from trivia_scraper.policy.quality import SCORING_VERSION, quality_score
from trivia_scraper.providers.answers import photo_id_of, safe_address
from trivia_scraper.providers.attribution import Credit, google_credit, markup_credit
from trivia_scraper.providers.record_reading import KEY_LIMIT, RecordReading
from trivia_scraper.sources.json_reading import parse_json
from trivia_scraper.text.cleaning import NAME_LIMIT, clean_line

LINE_LIMIT: Final = 1024 * 1024
"""Bytes of the longest line that is read."""
ERROR_LIMIT: Final = 500

_MOST_RETRIES: Final = 1_000
_OWNER_KEYS: Final = ("venue", "performer")
_NAME_KEYS: Final = ("name", "venue_name")
_PHOTO_ID_KEYS: Final = ("provider_photo_id", "photo_id", "photo_reference")
_ROLES: Final = {
    OwnerKind.VENUE: (ImageRole.GALLERY, ImageRole.HERO),
    OwnerKind.PERFORMER: (ImageRole.PROFILE,),
}
"""The roles of an owner's pictures; the first is meant where none is stated."""
_FAILURES: Final = (ImageStatus.FAILED, ImageStatus.PERMANENTLY_FAILED)


class _Rejected(Exception):
    def __init__(self, reason: RejectReason) -> None:
        super().__init__(reason)
        self.reason = reason


def read_records(lines: Iterable[bytes]) -> Iterator[ReadRecord]:
    """What each line says, blank ones left out; lines count from 1."""
    for number, line in enumerate(lines, 1):
        if line.strip():
            record = read_line(line)
            if isinstance(record, RejectedRecord):
                yield ReadRecord(number, record)
            else:
                yield ReadRecord(number, *read_record(record))


def read_line(line: bytes) -> Mapping[str, Any] | RejectedRecord:
    """The JSON object of a line, or why there is none. Depth and numbers are bounded (safety.md 7.4)."""
    if len(line) > LINE_LIMIT:
        return RejectedRecord(RejectReason.TOO_LONG)
    if b"\x00" in line:
        return RejectedRecord(RejectReason.NUL)
    try:
        record = parse_json(line.decode("utf-8"))
    except UnicodeDecodeError:
        return RejectedRecord(RejectReason.NOT_UTF8)
    except ValueError:
        return RejectedRecord(RejectReason.NOT_JSON)
    return record if isinstance(record, dict) else RejectedRecord(RejectReason.NOT_AN_OBJECT)


def read_record(record: Mapping[str, Any]) -> tuple[ImportedImage | RejectedRecord, tuple[str, ...]]:
    """What a record says, and the names of its keys that nothing came of."""
    reading = RecordReading(record)
    details = RecordReading(_details(reading), within="error_details.")
    try:
        image = _read(reading, details)
    except _Rejected as rejected:
        return RejectedRecord(rejected.reason), ()
    return image, (*reading.left_out, *details.left_out)


def _details(reading: RecordReading) -> Mapping[str, Any]:
    stated = reading.value("error_details")
    return reading.sure("error_details", stated, stated if isinstance(stated, dict) else None) or {}


def _read(reading: RecordReading, details: RecordReading) -> ImportedImage:
    if reading.value("deleted_at"):
        raise _Rejected(RejectReason.DELETED)
    stated_status = reading.value("status")
    status, failure = _status(stated_status), _failure(details, stated_status)
    original, link = _addresses(reading, is_stored=_word(stated_status) == ImageStatus.UPLOADED)
    owner = _owner(reading)
    role, provider = _role(reading, owner.kind), _provider(reading)
    photo_id = _photo_id(reading, provider)
    width, height = reading.pixels("width"), reading.pixels("height")
    score, scoring_version = _score(reading, width, height)
    attribution, attribution_url = _credit(reading)
    closed_at = reading.moment("finalized_at") or failure.at
    return ImportedImage(
        owner=owner,
        role=role,
        provider=provider,
        photo_id=photo_id,
        identity=_identity(owner.kind, role, provider, photo_id, original),
        url=link,
        status=status,
        retry_count=_retry_count(reading),
        retried_at=reading.moment("retried_at"),
        finalized_at=closed_at if status is ImageStatus.PERMANENTLY_FAILED else None,
        failure=failure if status in _FAILURES else None,
        width=width,
        height=height,
        quality_score=score,
        scoring_version=scoring_version,
        attribution=attribution,
        attribution_url=attribution_url,
        fetched_at=reading.moment("fetched_at"),
    )


def _status(stated: object) -> ImageStatus:
    try:
        status = ImageStatus(_word(stated))
    except ValueError:
        return ImageStatus.FAILED
    return ImageStatus.EXTERNAL if status is ImageStatus.UPLOADED else status


def _failure(details: RecordReading, stated_status: object) -> ImportedFailure:
    """The error; a type or a status that we do not know stands among its words."""
    said = [details.line("error", ERROR_LIMIT), details.line("reason", ERROR_LIMIT)]
    stated_type = details.value("error_type")
    try:
        error_type = ErrorType(_word(stated_type))
    except ValueError:
        error_type = ErrorType.UNKNOWN_ERROR
        said.append(f"imported with the unknown error type {_quoted(stated_type)}" if stated_type else None)
    if _word(stated_status) not in set(ImageStatus):
        said.append(f"imported with the unknown status {_quoted(stated_status)}")
    return ImportedFailure(
        error_type=error_type,
        error=clean_line(redact_text("; ".join(filter(None, said))), ERROR_LIMIT).text or None,
        status_code=details.whole("status_code", 100, 999),
        at=details.moment("at", "error_at"),
        attempt=details.whole("retry_attempt", 0, _MOST_RETRIES),
    )


def _addresses(reading: RecordReading, *, is_stored: bool) -> tuple[str, str]:
    """Where the picture came from, and where it can be seen now (R84: without provider_url that is url).

    is_stored  the older application has a copy: the link is to that one, since the original may need a key
    """
    texts = {key: reading.value(key) for key in ("provider_url", "url")}
    if not any(isinstance(text, str) and text.strip() for text in texts.values()):
        raise _Rejected(RejectReason.NO_URL)
    usable = {key: found for key, text in texts.items() if (found := reading.sure(key, text, safe_address(text)))}
    if not usable:
        raise _Rejected(RejectReason.BAD_URL)
    original = usable.get("provider_url") or usable["url"]
    return original, usable.get("url", original) if is_stored else original


def _owner(reading: RecordReading) -> OwnerName:
    number = reading.whole("venue_id", 1, 2**63 - 1)
    name, city = _name(reading.value(*_NAME_KEYS)), _name(reading.value("city"))
    slugs = {key: _name(reading.value(key)) for key in _OWNER_KEYS}
    for key, slug in slugs.items():
        if slug:
            return OwnerName(OwnerKind(key), slug=slug.lower())
    if name and (city or number is not None):
        return OwnerName(OwnerKind.VENUE, number=number, name=name, city=city)
    # Another application's number would be some venue's here, and the wrong one.
    raise _Rejected(RejectReason.NO_OWNER if number is None else RejectReason.NUMBER_ALONE)


def _role(reading: RecordReading, kind: OwnerKind) -> ImageRole:
    stated = reading.value("role")
    if stated is None:
        return _ROLES[kind][0]
    role = next((role for role in _ROLES[kind] if role == _word(stated)), None)
    if role is None:
        raise _Rejected(RejectReason.BAD_ROLE)
    return role


def _provider(reading: RecordReading) -> str:
    word = _word(reading.value("provider"))
    letters = word.replace("_", "").replace("-", "")
    if not (letters.isascii() and letters.isalnum() and len(word) <= KEY_LIMIT):
        raise _Rejected(RejectReason.NO_PROVIDER)
    return word


def _photo_id(reading: RecordReading, provider: str) -> str | None:
    stated = reading.value(*_PHOTO_ID_KEYS)
    text = str(stated) if isinstance(stated, int) and not isinstance(stated, bool) else stated
    key = next((key for key in _PHOTO_ID_KEYS if reading.record.get(key) is not None), "")
    found = reading.sure(key, stated, photo_id_of(text))
    # "places/<place>/photos/<id>": the last part is the id (images.md 5.7).
    return found.rpartition("/photos/")[2] or None if found and provider == GOOGLE_PLACES else found


def _identity(kind: OwnerKind, role: ImageRole, provider: str, photo_id: str | None, url: str) -> str:
    """D2, as those compute it who meet this picture again: the listing of a gallery, or a source's page."""
    if role is ImageRole.GALLERY:
        return photo_identity(provider, photo_id, url)
    return image_identity(ImageRef(kind, role, provider, url, photo_id))


def _retry_count(reading: RecordReading) -> int:
    stated = reading.value("retry_count")
    count = 0 if stated is None else reading.whole("retry_count", 0, _MOST_RETRIES)
    if count is None:
        raise _Rejected(RejectReason.BAD_RETRY_COUNT)
    return count


def _score(reading: RecordReading, width: int | None, height: int | None) -> tuple[float, str | None]:
    """What size and shape are worth (R102); where the size is not known, what the record says."""
    stated, version = reading.number("quality_score", 0.1, 1.0), reading.line("scoring_version", KEY_LIMIT)
    if stated is None or (width and height):
        return quality_score(width, height), SCORING_VERSION
    return stated, version


def _credit(reading: RecordReading) -> Credit:
    """Plain text and a link (R83), of a text, of Google's markup, or of its list of authors."""
    found = [_written_credit(reading.value(key)) for key in ("attribution", "attributions")]
    text = next((text for text, _ in found if text), None)
    return text, reading.address("attribution_url") or next((link for _, link in found if link), None)


def _written_credit(value: object) -> Credit:
    several = value if isinstance(value, list) else [value]
    text, link = markup_credit(several)
    return (text, link) if text else google_credit(several)


def _name(value: object) -> str | None:
    return clean_line(value, NAME_LIMIT).text or None if isinstance(value, str) else None


def _word(value: object) -> str:
    return value.strip().lower() if isinstance(value, str) else ""


def _quoted(value: object) -> str:
    return f'"{value.strip()[:KEY_LIMIT]}"' if isinstance(value, str) else "that is no text"
