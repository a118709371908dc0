"""Formats of images: what is read and how, and what is said of files that are not read."""

from __future__ import annotations

from tests.inputs.example import Example

TITLE = "Image formats"

INTRODUCTION = (
    "The first bytes of a file decide, never its ending. An image that cannot be read is listed with the reason and "
    "what to do; it stops nothing else. Files that are no images and do not claim to be are passed over and counted. "
    "An image may have up to 179 million pixels; the environment variable `CATALEJO_MAX_PIXELS` sets another limit."
)

EXAMPLES: tuple[Example, ...] = (
    Example("Photographs and graphics",
            "photo.jpg\nphoto.png\nphoto.webp\nphoto.bmp\nphoto.tif\nphoto.jp2\nphoto.ppm",
            "Read, turned as EXIF says; transparent parts become white."),
    Example("HEIC of an iPhone", "IMG_0001.HEIC",
            "Read with the package pi-heif, turned once. Without it: This is a HEIC image, and this installation "
            "cannot read HEIC."),
    Example("AVIF", "photo.avif", "Read where Pillow was built with AVIF, as its wheels are."),
    Example("An image with the wrong ending", "png_named.jpg", "Read as what it is, and pointed out by `health`."),
    Example("16-bit files that use 8, 10, 12 or 14 bits", "bits8.png\nbits10.png\nbits12.png\nbits14.tif",
            "Read; each is scaled by the bits that it uses: as it declares (PNG sBIT, TIFF MaxSampleValue, "
            "BitsStored in a comment), otherwise the smallest of 8, 10, 12, 14 and 16 bits that hold its largest "
            "value."),
    Example("Floats and signed integers", "unit.tif\nhounsfield.tif",
            "Read; 0 … 1, 0 … 255 and 0 … 65535 are taken for what they look like, anything else is stretched."),
    Example("Pages and animations", "pages.tif\nmoving.gif",
            "Read; the first image is taken, and `new`, `health` and the inspector say so."),
    Example("RAW files of cameras", "photo.cr2\nphoto.cr3\nphoto.nef\nphoto.orf\nphoto.raf",
            "Listed: “This is a camera RAW image (CR2), which Catalejo cannot read. Export it as JPEG with the "
            "camera’s program, darktable or RawTherapee.”"),
    Example("Formats of other programs", "drawing.psd\ndrawing.svg\nphoto.jxl\nscan.dcm\nfilm.exr",
            "Listed with the name of the format, and that Catalejo cannot read it."),
    Example("Downloads that went wrong", "page.jpg\npointer.jpg\nempty.jpg\nhalf.jpg\nzeros.jpg",
            "Listed as what they are: a web page, a placeholder of Git LFS, an empty file, an image that is cut "
            "off, a file of zeros."),
    Example("An image that is still in iCloud", ".IMG_0002.HEIC.icloud",
            "Listed: “The image is still in iCloud; only a placeholder of it is here.”"),
)
