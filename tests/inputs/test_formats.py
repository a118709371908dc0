"""What the page of inputs says of image formats is what the import does with them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, features

from core.images.formats import _has_heif
from core.jobs import JobContext
from core.project.scan import ScanInput, names_with_frames, scan_folder
from tests.conftest import draw_picture
from tests.core.images.deep_files import write_png16, write_tiff
from tests.core.images.foreign_files import FOREIGN, TURNED_HEIC
from tests.inputs.example import Example
from tests.inputs.formats import EXAMPLES

IMAGE = draw_picture(1, "red")
DEEP = np.arange(48, dtype=np.uint16).reshape(6, 8, 1) * 1365
PAGES = {"save_all": True, "append_images": [draw_picture(2, "red")]}


def shift(bits: int) -> np.ndarray:
    return DEEP >> np.uint16(16 - bits)


MAKERS: dict[str, Callable[[Path], object]] = {
    "IMG_0001.HEIC": lambda path: path.write_bytes(TURNED_HEIC),
    "png_named.jpg": lambda path: IMAGE.save(path, "PNG"),
    "bits8.png": lambda path: write_png16(path, shift(8)), "bits10.png": lambda path: write_png16(path, shift(10)),
    "bits12.png": lambda path: write_png16(path, shift(12)), "bits14.tif": lambda path: write_tiff(path, shift(14)),
    "unit.tif": lambda path: write_tiff(path, (DEEP / 65535).astype(np.float32)),
    "hounsfield.tif": lambda path: write_tiff(path, (DEEP // 16).astype(np.int16) - np.int16(1024)),
    "pages.tif": lambda path: IMAGE.save(path, **PAGES), "moving.gif": lambda path: IMAGE.save(path, **PAGES),
    "empty.jpg": lambda path: path.touch(),
    "half.jpg": lambda path: (draw_picture(1, "red", (200, 160)).save(path),
                              path.write_bytes(path.read_bytes()[:3000])),
    ".IMG_0002.HEIC.icloud": lambda path: path.write_bytes(b"bplist00\xd3_\x10\x12NSURLNameKey" + bytes(80)),
} | {name: (lambda path, name=theirs: path.write_bytes(FOREIGN[name][0])) for name, theirs in (  # type: ignore[misc]
    ("photo.cr2", "canon.CR2"), ("photo.cr3", "canon.CR3"), ("photo.nef", "nikon.NEF"), ("photo.orf", "olympus.ORF"),
    ("photo.raf", "fuji.RAF"), ("drawing.psd", "layers.psd"), ("drawing.svg", "drawing.svg"),
    ("photo.jxl", "new.jxl"), ("scan.dcm", "scan.dcm"), ("film.exr", "film.exr"), ("page.jpg", "page.jpg"),
    ("pointer.jpg", "pointer.jpg"), ("zeros.jpg", "zeros.jpg"),
)}

SAID = {
    ".cr2": "camera RAW image", ".cr3": "camera RAW image", ".nef": "camera RAW image",
    ".orf": "camera RAW image", ".raf": "camera RAW image", ".psd": "Photoshop", ".svg": "SVG",
    ".jxl": "JPEG XL", ".dcm": "DICOM", ".exr": "OpenEXR", "page.jpg": "web page", "pointer.jpg": "Git LFS",
    "empty.jpg": "empty", "half.jpg": "truncated", "zeros.jpg": "zeros only",
    ".icloud": "The image is still in iCloud; only a placeholder of it is here.",
}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
def test_the_import_does_with_each_format_what_the_page_says(tmp_path: Path, example: Example) -> None:
    names = example.text.splitlines()
    if ("avif" in example.text and not features.check("avif")) or ("HEIC of" in example.title and not _has_heif()):
        pytest.skip("this installation lacks the reader")
    for name in names:
        MAKERS.get(name, IMAGE.save)(tmp_path / name)
    files = {file.path.decode(): file for file in scan_folder(ScanInput(tmp_path), JobContext()).files}
    assert set(files) == set(names)
    if example.result.startswith("Read"):
        assert [name for name, file in files.items() if file.facts is None] == []
    else:
        for name, file in files.items():
            assert (SAID.get(name) or SAID[Path(name).suffix]) in str(file.reason)
    is_paged = example.title.startswith("Pages")
    assert names_with_frames(list(files.values())) == (tuple(sorted(names)) if is_paged else ())


def test_bits_of_the_examples_are_those_of_their_names(tmp_path: Path) -> None:
    for bits in (8, 10, 12):
        MAKERS[f"bits{bits}.png"](tmp_path / "a.png")
        with Image.open(tmp_path / "a.png") as image:
            assert int(np.asarray(image).max()).bit_length() == bits
