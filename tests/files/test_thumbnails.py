"""Does every image become a small picture, and nothing else become a burden?"""

import io
import struct
import zlib

import pytest
from PIL import Image

from files.desk import photo
from tallystick.files.thumbnails import BYTES_MAX, EDGE_MAX, Thumbnails, find_thumbnail


def opened(picture: bytes | None) -> Image.Image:
    assert picture is not None
    image = Image.open(io.BytesIO(picture))
    image.load()
    return image


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP", "GIF"])
@pytest.mark.parametrize("size", [(1, 1), (2000, 100), (100, 2000), (512, 512)], ids=str)
def test_it_fits_and_is_a_jpeg(image_format: str, size: tuple[int, int]) -> None:
    image = opened(find_thumbnail(image_format, photo(*size, image_format)))
    assert image.format == "JPEG"
    assert max(image.size) <= EDGE_MAX
    assert max(image.size) == min(EDGE_MAX, max(size))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_any_way_of_colouring_will_do(mode: str) -> None:
    out = io.BytesIO()
    image_format = "JPEG" if mode == "CMYK" else "PNG"
    Image.new(mode, (40, 30)).save(out, image_format)
    assert opened(find_thumbnail(image_format, out.getvalue())).size == (40, 30)


def test_what_one_can_see_through_is_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(out, "PNG")
    assert opened(find_thumbnail("PNG", out.getvalue())).getpixel((5, 5)) == (255, 255, 255)


def test_it_stands_upright_and_does_not_say_where_it_was_taken() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "somewhere secret"
    picture = find_thumbnail("JPEG", photo(200, 100, "JPEG", exif=exif))
    assert opened(picture).size == (100, 200)
    assert picture is not None
    assert b"secret" not in picture


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is huge."""
    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    body = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(100_000, 100_000), (2**31 - 1, 2**31 - 1), (64_000_001, 1)], ids=str)
def test_what_would_be_too_large_is_not_opened(size: tuple[int, int]) -> None:
    assert find_thumbnail("PNG", bomb(*size)) is None


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n", b"<svg/>", photo()[:200], photo(9, 9, "GIF")], ids=len)
def test_what_is_none_has_none(content: bytes) -> None:
    assert find_thumbnail("PNG", content) is None


def test_only_images_of_some_size_are_looked_at() -> None:
    thumbnails = Thumbnails()
    assert thumbnails.can_show("image/jpeg", BYTES_MAX)
    assert not thumbnails.can_show("image/jpeg", BYTES_MAX + 1)
    assert not thumbnails.can_show("image/heic", 10)
    assert not thumbnails.can_show("application/pdf", 10)
