"""Pictures for tests: the smallest that are ones, and one in which the camera wrote a lot."""

import struct
import zlib


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


HEADER = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
END = chunk(b"IEND", b"")


def png(grey: int = 0, *between: bytes) -> bytes:
    """One grey pixel, and whatever else is written into the file."""
    pixel = chunk(b"IDAT", zlib.compress(bytes([0, grey])))
    return b"\x89PNG\r\n\x1a\n" + HEADER + b"".join(between) + pixel + END


PNG = png()


def segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def exif(orientation: int, order: str = ">") -> bytes:
    """An EXIF segment with an orientation and, behind it, where the phone was."""
    mark = b"MM" if order == ">" else b"II"
    entry = struct.pack(f"{order}HHIHH", 0x0112, 3, 1, orientation, 0)
    tiff = mark + struct.pack(f"{order}HIH", 42, 8, 1) + entry + struct.pack(f"{order}I", 0)
    return segment(0xE1, b"Exif\0\0" + tiff + b"GPS 31.195312 121.436874")


SCAN = segment(0xDA, b"\x01\x01\0\0\x3f\0") + b"\x12\xff\x00\x34\xff\xd0\x56"
TABLES = segment(0xDB, b"\0" + bytes(64)) + segment(0xC0, bytes(9))


def jpeg(*before: bytes, after: bytes = b"") -> bytes:
    """A JPEG as its segments: what comes before the picture, and behind its end."""
    return b"\xff\xd8" + b"".join(before) + TABLES + SCAN + b"\xff\xd9" + after
