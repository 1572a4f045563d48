"""gzip in steps of 64 KiB: decoded bytes are counted before there are many of them (safety.md 5, facts 1 and 2)."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Final

from trivia_scraper.domain.errors import PageUnreachable, PermanentError
from trivia_scraper.domain.failures import ErrorType, Reason

STEP_BYTES: Final = 64 * 1024
GZIP_MAGIC: Final = b"\x1f\x8b"

# A page of white space compresses well and harms nobody: the ratio counts beyond this size only.
_HARMLESS_BYTES: Final = 1024 * 1024
_GZIP_WITH_CHECKSUM: Final = 31


class BoundedDecoder:
    """Decodes a gzip body of one or more members. `decoded_bytes` and `raw_bytes` tell how far it came."""

    def __init__(self, max_ratio: float) -> None:
        self._max_ratio = max_ratio
        self._member = zlib.decompressobj(_GZIP_WITH_CHECKSUM)
        self.decoded_bytes = 0
        self.raw_bytes = 0

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Decoded pieces of at most 64 KiB, made one at a time as they are asked for.

        Raises PageUnreachable(encoding) for a broken stream or checksum, PermanentError(bomb) beyond the ratio.
        """
        while chunk:
            if self._member.eof:
                chunk = self._next_member(chunk)
                continue
            piece, rest = self._step(chunk)
            self.raw_bytes += len(chunk) - len(rest)
            self.decoded_bytes += len(piece)
            self._refuse_bomb()
            if piece:
                yield piece
            elif len(rest) == len(chunk):
                raise _broken("it makes no progress")
            chunk = rest

    def finish(self) -> None:
        """Say that the body has ended. Raises PageUnreachable(truncated) when the stream has not."""
        if not self._member.eof:
            raise PageUnreachable("the gzip body ends early", reason=Reason.TRUNCATED)

    def _step(self, chunk: bytes) -> tuple[bytes, bytes]:
        try:
            piece = self._member.decompress(chunk, STEP_BYTES)
            # zlib may hold back output that no longer fits; only more room brings it out, not more input.
            return piece, self._member.unconsumed_tail or self._member.unused_data
        except zlib.error as error:
            raise _broken(str(error)) from error

    def _next_member(self, chunk: bytes) -> bytes:
        chunk = chunk.lstrip(b"\0")  # padding behind a member is legal
        if chunk and not GZIP_MAGIC.startswith(chunk[:2]):
            raise _broken("something else follows it")
        if chunk:
            self._member = zlib.decompressobj(_GZIP_WITH_CHECKSUM)
        return chunk

    def _refuse_bomb(self) -> None:
        if self.decoded_bytes > max(_HARMLESS_BYTES, self.raw_bytes * self._max_ratio):
            raise PermanentError(
                f"the body grows more than {self._max_ratio:g} times when decoded",
                error_type=ErrorType.FILE_TOO_LARGE,
                reason=Reason.BOMB,
            )


def _broken(why: str) -> PageUnreachable:
    return PageUnreachable(f"the gzip body is broken: {why}", reason=Reason.ENCODING)
