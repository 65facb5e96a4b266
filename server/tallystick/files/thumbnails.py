"""How does an image become a small picture? In a thread, one after the other, and never one that would be too large when it is opened.

An image that cannot be opened, or is no image though it begins like one, is kept as a file without a picture: it may be what somebody
wants to keep all the same. What else a photo says, such as where it was taken, is not in its picture.
"""

import asyncio
import io
import warnings

from PIL import Image, ImageOps

from tallystick.files.rules_types import GIF, JPEG, PNG, WEBP
from tallystick.log import log

EDGE_MAX = 512
# An image is opened with at most so many points: four bytes each. A photo has up to fifty millions.
PIXELS_MAX = 64_000_000
# Larger contents are kept without a picture.
BYTES_MAX = 32 * 1024 * 1024
QUALITY = 80

_FORMATS = {JPEG: "JPEG", PNG: "PNG", WEBP: "WEBP", GIF: "GIF"}
CONTENT_TYPE = JPEG


class Thumbnails:
    """Makes small pictures. One at a time: each takes a core, and as much memory as the image has points."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(1)

    def can_show(self, content_type: str, size_bytes: int) -> bool:
        return content_type in _FORMATS and size_bytes <= BYTES_MAX

    async def find(self, content_type: str, content: bytes) -> bytes | None:
        """The picture of an image, a JPEG. None: it has none."""
        async with self._turn:
            return await asyncio.to_thread(find_thumbnail, _FORMATS[content_type], content)


def find_thumbnail(image_format: str, content: bytes) -> bytes | None:
    try:
        with warnings.catch_warnings():
            # Pillow warns of large images; what is too large is looked at here.
            warnings.simplefilter("ignore")
            return _make(image_format, content)
    except Exception as unreadable:  # noqa: BLE001 - decoders fail in many ways, and none of them is the caller's concern
        log("thumbnail_failed", problem=type(unreadable).__name__)
        return None


def _make(image_format: str, content: bytes) -> bytes | None:
    with Image.open(io.BytesIO(content), formats=(image_format,)) as image:
        width, height = image.size
        if width * height > PIXELS_MAX:
            return None
        # A JPEG can be opened at a fraction of its size.
        image.draft("RGB", (EDGE_MAX * 2, EDGE_MAX * 2))
        small = ImageOps.exif_transpose(image)
        small.thumbnail((EDGE_MAX, EDGE_MAX))
        out = io.BytesIO()
        _on_white(small).save(out, "JPEG", quality=QUALITY)
        return out.getvalue()


def _on_white(image: Image.Image) -> Image.Image:
    """A JPEG has nothing that one can see through."""
    if image.mode in ("RGB", "L"):
        return image
    seen = image.convert("RGBA")
    white = Image.new("RGBA", seen.size, "white")
    white.alpha_composite(seen)
    return white.convert("RGB")
