"""Photos without what the camera wrote into them: where, when and by whose phone.

The picture itself stays as it is, byte for byte; only the compartments for metadata are left out.
How the camera was held (the EXIF orientation) is kept, or the shop would lie on its side.

Formats: JPEG (ITU-T T.81, EXIF 2.32), PNG (W3C PNG, third edition).
"""

import struct
from collections.abc import Iterator

from crm.errors import InvalidInput, Sentence

_START, _END, _SCAN = 0xD8, 0xD9, 0xDA
_APPLICATION, _EXIF, _COMMENT = range(0xE0, 0xF0), 0xE1, 0xFE
_KEPT_APPLICATION = {0xE0, 0xE2, 0xEE}
"""JFIF, colour profile, Adobe's colour transform: without them the colours would be wrong."""
_RESTARTS = range(0xD0, 0xD8)
_ORIENTATION = 0x0112
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_METADATA = {b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME"}


class BrokenPicture(InvalidInput):
    """What begins like a picture is none inside."""

    code = "photo_broken"


def without_metadata(content: bytes, broken: Sentence) -> bytes:
    """The picture alone. Raises BrokenPicture with the sentence if it cannot be read as one."""
    try:
        if content.startswith(_PNG):
            return _png(content)
        return _jpeg(content)
    except (struct.error, IndexError, ValueError):
        raise BrokenPicture(broken, attr="photo") from None


def _jpeg(content: bytes) -> bytes:
    kept = [b"\xff\xd8"]
    orientation = 1
    for marker, segment in _segments(content):
        if marker == _EXIF:
            orientation = _orientation(segment[4:]) or orientation
        elif marker == _COMMENT or (
            marker in _APPLICATION and (marker not in _KEPT_APPLICATION or segment[4:8] == b"MPF\0")
        ):
            continue
        else:
            kept.append(segment)
    if orientation != 1:
        kept.insert(1, _oriented(orientation))
    return b"".join(kept)


def _segments(content: bytes) -> Iterator[tuple[int, bytes]]:
    """(marker, whole segment) after the start; a scan comes with its data, and what stands behind
    the end of the picture is not part of it."""
    if content[:2] != b"\xff\xd8":
        raise ValueError("no start")
    at = 2
    while True:
        if content[at] != 0xFF:
            raise ValueError("no marker")
        marker = content[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker == _END:
            yield marker, b"\xff\xd9"
            return
        (length,) = struct.unpack(">H", content[at + 2 : at + 4])
        end = at + 2 + length
        if length < 2 or end > len(content):
            raise ValueError("cut short")
        if marker == _SCAN:
            end = _end_of_scan(content, end)
        yield marker, content[at:end]
        at = end


def _end_of_scan(content: bytes, at: int) -> int:
    """Where the next segment begins: 0xFF within the data is followed by zero or is a restart."""
    while True:
        at = content.index(b"\xff", at)
        if content[at + 1] not in (0, *_RESTARTS):
            return at
        at += 2


def _orientation(body: bytes) -> int | None:
    """The orientation that an EXIF segment names, from 1 to 8."""
    if not body.startswith(b"Exif\0\0"):
        return None
    tiff = body[6:]
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return None
    try:
        (first,) = struct.unpack(f"{order}I", tiff[4:8])
        (entries,) = struct.unpack(f"{order}H", tiff[first : first + 2])
        for place in range(entries):
            entry = tiff[first + 2 + 12 * place :][:12]
            tag, _kind, _count, value = struct.unpack(f"{order}HHIH", entry[:10])
            if tag == _ORIENTATION:
                return value if 1 <= value <= 8 else None
    except struct.error:
        return None
    return None


def _oriented(orientation: int) -> bytes:
    """An EXIF segment that says how the camera was held, and nothing else."""
    tiff = struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, _ORIENTATION, 3, 1, orientation, 0, 0)
    body = b"Exif\0\0" + tiff
    return struct.pack(">BBH", 0xFF, _EXIF, len(body) + 2) + body


def _png(content: bytes) -> bytes:
    kept, at = [_PNG], len(_PNG)
    while True:
        length, kind = struct.unpack(">I4s", content[at : at + 8])
        end = at + 12 + length
        if end > len(content):
            raise ValueError("cut short")
        if kind not in _PNG_METADATA:
            kept.append(content[at:end])
        if kind == b"IEND":
            return b"".join(kept)
        at = end
