"""Writes images of 16 bits a channel, which Pillow cannot write in colour."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np

_COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}


def write_png16(path: Path, values: np.ndarray, *, sbit: bytes = b"", text: tuple[str, str] = ("", "")) -> None:
    """(height, width, 1 … 4) values as a PNG of 16 bits a channel; L, LA, RGB, RGBA."""
    height, width, n_bands = values.shape
    header = struct.pack(">IIBBBBB", width, height, 16, _COLOUR_TYPES[n_bands], 0, 0, 0)
    # filter “sub” in every second row, so that the bytes are not merely copied
    rows = []
    for y in range(height):
        row = np.frombuffer(values[y].astype(">u2").tobytes(), np.uint8)
        shifted = np.concatenate([np.zeros(2 * n_bands, np.uint8), row[:-2 * n_bands]])
        rows.append(b"\1" + (row - shifted).tobytes() if y % 2 else b"\0" + row.tobytes())
    chunks = [(b"IHDR", header), (b"sBIT", sbit), (b"tEXt", "\0".join(text).encode("latin-1")),
              (b"IDAT", zlib.compress(b"".join(rows))), (b"IEND", b"")]
    written = [struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
               for kind, data in chunks if data not in (b"", b"\0") or kind == b"IEND"]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(written))


def write_tiff(
    path: Path, values: np.ndarray, *, order: str = "<", planes: bool = False, deflate: bool = False,
    tags: dict[int, tuple[int, ...] | bytes] | None = None,
) -> None:
    """(height, width, n_bands) values of any integer or float type as a TIFF; `tags` add to the usual ones."""
    height, width, n_bands = values.shape
    n_bits, kind = 8 * values.dtype.itemsize, {"u": 1, "i": 2, "f": 3}[values.dtype.kind]
    ordered = values.astype(values.dtype.newbyteorder(order))
    strips = [ordered[:, :, i].tobytes() for i in range(n_bands)] if planes else [ordered.tobytes()]
    strips = [zlib.compress(strip) for strip in strips] if deflate else strips
    offsets = tuple(8 + sum(map(len, strips[:i])) for i in range(len(strips)))
    all_tags: dict[int, tuple[int, ...] | bytes] = {
        256: (width,), 257: (height,), 258: (n_bits,) * n_bands, 259: (8 if deflate else 1,),
        262: (2 if n_bands >= 3 else 1,), 273: offsets, 277: (n_bands,), 278: (height,),
        279: tuple(map(len, strips)), 284: (2 if planes else 1,), 339: (kind,) * n_bands,
    } | (tags or {})
    body = b"".join(strips) + b"\0" * (sum(map(len, strips)) % 2)
    place = 8 + len(body) + 2 + 12 * len(all_tags) + 4
    entries, data = b"", b""
    for tag, value in sorted(all_tags.items()):
        raw = value if isinstance(value, bytes) else struct.pack(f"{order}{len(value)}I", *value)
        inside = raw.ljust(4, b"\0") if len(raw) <= 4 else struct.pack(order + "I", place + len(data))
        entries += struct.pack(order + "HHI", tag, 2 if isinstance(value, bytes) else 4, len(value)) + inside
        data += raw + b"\0" * (len(raw) % 2) if len(raw) > 4 else b""
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8 + len(body))
    path.write_bytes(head + body + struct.pack(order + "H", len(all_tags)) + entries + b"\0" * 4 + data)
