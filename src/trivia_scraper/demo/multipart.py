"""Reads a multipart/form-data body as browsers and HTTP clients write it: text fields and one file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_BOUNDARY: Final = re.compile(r'boundary="?([^";]+)"?')
_NAME: Final = re.compile(rb'[ ;]name="([^"]*)"')
_TYPE: Final = re.compile(rb"content-type: *([^\r\n]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FormFile:
    """The field "file"."""

    media_type: str
    body: bytes


def read_form(content_type: str, body: bytes) -> tuple[dict[str, str], FormFile | None]:
    """Text fields by name, and the file."""
    boundary = _BOUNDARY.search(content_type)
    fields: dict[str, str] = {}
    file = None
    for part in body.split(b"--" + boundary[1].encode())[1:-1] if boundary else ():
        head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        content = content.removesuffix(b"\r\n")
        name = _NAME.search(head)
        if name is None:
            continue
        if name[1] == b"file":
            media_type = _TYPE.search(head)
            file = FormFile(media_type[1].decode().strip() if media_type else "application/octet-stream", content)
        else:
            fields[name[1].decode()] = content.decode("utf-8", "replace")
    return fields, file
