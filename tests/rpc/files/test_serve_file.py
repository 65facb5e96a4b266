"""ServeFile: what a browser gets, and what it is told about it."""

import grpc
import pytest

from files.desk import bring, photo
from people import BookOf, Person, read_refusal
from tallystick_client.v1 import file_service_pb2 as api


async def serve(person: Person, space_id: str, file_id: str, **other: object) -> tuple[bytes, str, dict[str, str]]:
    """The body, its type and its headers."""
    request = api.ServeFileRequest(space_id=space_id, file_id=file_id, **other)  # type: ignore[arg-type]  # fields by name
    call = person.contents.ServeFile(request)
    bodies = [answer.body async for answer in call]
    headers = {str(key): str(value) for key, value in await call.initial_metadata()}
    assert not any(body.content_type for body in bodies[1:])
    return b"".join(body.data for body in bodies), bodies[0].content_type, headers


async def test_it_is_kept_and_never_shown(book: BookOf) -> None:
    page = b"<html><script>alert(1)</script></html>"
    file = await bring(book.person, book.id, page, name="Rechnung für Ann.html")
    body, kind, headers = await serve(book.person, book.id, file.id)
    assert (body, kind) == (page, "text/plain")
    # Programs that know only ASCII have a name, too.
    encoded = "Rechnung%20f%C3%BCr%20Ann.html"
    assert (
        headers["content-disposition"] == f"attachment; filename=\"Rechnung f_r Ann.html\"; filename*=UTF-8''{encoded}"
    )
    assert headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in headers["content-security-policy"]
    assert "private" in headers["cache-control"]


async def test_an_image_and_its_small_picture(book: BookOf) -> None:
    content = photo()
    file = await bring(book.person, book.id, content)
    assert (await serve(book.person, book.id, file.id))[:2] == (content, "image/png")
    picture, kind, headers = await serve(book.person, book.id, file.id, thumbnail=True)
    assert (picture[:3], kind) == (b"\xff\xd8\xff", "image/jpeg")
    assert headers["etag"] != (await serve(book.person, book.id, file.id))[2]["etag"]


async def test_a_range(book: BookOf) -> None:
    file = await bring(book.person, book.id, b"abcdef")
    assert (await serve(book.person, book.id, file.id, offset=2, limit=3))[0] == b"cde"


async def test_what_is_not_there_is_not_found(book: BookOf, bob: Person) -> None:
    file = await bring(book.person, book.id, b"abc")
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await serve(bob, book.id, file.id)
    assert read_refusal(refused.value).reason == "NOT_FOUND"
