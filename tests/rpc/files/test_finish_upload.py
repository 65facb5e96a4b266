"""FinishUpload: the parts become a file that says by itself what it is."""

import asyncio

import pytest

from files.desk import PART, begin, bring, bring_parts, content_of, download, finish, part, photo, sha256
from people import BookOf, Person, refusal_of, sign_up
from rpc.files.promises import keeps_the_promises_of_a_write
from rpc.spaces.sharing import EDITOR, share
from tallystick.app import App
from tallystick.files import uploading
from tallystick_client.v1 import file_pb2
from tallystick_client.v1 import file_service_pb2 as api


async def test_the_file_is_what_came(book: BookOf) -> None:
    content = content_of(2 * PART + 77)
    file = await bring(book.person, book.id, content, name="../../etc/statement.pdf")
    assert (file.name, file.size_bytes, file.sha256) == ("statement.pdf", len(content), sha256(content))
    assert (file.space_id, file.content_type, file.private_to) == (book.id, "application/octet-stream", "")
    assert file.created_at.seconds > 0
    assert await download(book.person, book.id, file.id) == content


async def test_it_keeps_its_promises(book: BookOf) -> None:
    upload = await bring_parts(book.person, book.id, b"abc")
    request = finish(book.id, upload.file_id, b"abc")
    await keeps_the_promises_of_a_write(book, "FinishUpload", request, sha256=sha256(b"x"))


async def test_every_part_must_be_there(book: BookOf) -> None:
    content = content_of(3 * PART)
    upload = await begin(book.person, book.id, content)
    await book.person.files.UploadPart(part(book.id, upload.file_id, content, 1))
    refused = await refusal_of(book.person.files.FinishUpload(finish(book.id, upload.file_id, content)))
    assert (refused.reason, refused.metadata) == ("PARTS_MISSING", {"count": "2", "first": "0"})
    for number in (0, 2):
        await book.person.files.UploadPart(part(book.id, upload.file_id, content, number))
    assert (await book.person.files.FinishUpload(finish(book.id, upload.file_id, content))).file.id == upload.file_id


async def test_the_whole_must_be_what_the_caller_has(book: BookOf) -> None:
    upload = await bring_parts(book.person, book.id, b"abc")
    refused = await refusal_of(book.person.files.FinishUpload(finish(book.id, upload.file_id, b"abd")))
    assert (refused.reason, refused.fields) == ("CHECKSUM_MISMATCH", ("sha256",))
    get = api.GetFileRequest(space_id=book.id, file_id=upload.file_id)
    assert (await refusal_of(book.person.files.GetFile(get))).reason == "NOT_FOUND"
    await book.person.files.FinishUpload(finish(book.id, upload.file_id, b"abc"))


async def test_what_it_is_follows_from_its_content_and_not_its_name(book: BookOf) -> None:
    image = await bring(book.person, book.id, photo(), name="letter.pdf")
    assert (image.content_type, image.has_thumbnail) == ("image/png", True)
    page = await bring(book.person, book.id, b"<html><script>alert(1)</script></html>", name="photo.png")
    assert (page.content_type, page.has_thumbnail) == ("text/plain", False)


@pytest.mark.parametrize("width", [1, 512, 5000])
async def test_an_image_has_a_small_picture(book: BookOf, width: int) -> None:
    file = await bring(book.person, book.id, photo(width, 40, "JPEG"))
    picture = await download(book.person, book.id, file.id, thumbnail=True)
    assert picture.startswith(b"\xff\xd8\xff")
    assert picture != photo(width, 40, "JPEG")


async def test_an_image_that_lies_is_kept_without_one(book: BookOf) -> None:
    liar = photo()[:60] + b"and nothing more"
    file = await bring(book.person, book.id, liar)
    assert (file.content_type, file.has_thumbnail) == ("image/png", False)
    assert await download(book.person, book.id, file.id) == liar


async def test_a_private_file_is_its_owners_alone(book: BookOf) -> None:
    file = await bring(book.person, book.id, b"abc", private=True)
    assert file.private_to == book.person.user.id
    eve = await sign_up(book.person.client, "Eve")
    await share(book.person, book.id, eve, EDITOR)
    get = api.GetFileRequest(space_id=book.id, file_id=file.id)
    assert (await refusal_of(eve.files.GetFile(get))).reason == "NOT_FOUND"
    assert list((await eve.files.ListFiles(api.ListFilesRequest(space_id=book.id))).files) == []
    with pytest.raises(Exception, match="Not found"):
        await download(eve, book.id, file.id)
    assert await download(book.person, book.id, file.id) == b"abc"


async def test_two_at_once_make_one_file(ann: Person, book: BookOf) -> None:
    upload = await bring_parts(ann, book.id, b"abc")
    requests = [finish(book.id, upload.file_id, b"abc") for _ in range(4)]
    outcomes = await asyncio.gather(*(ann.files.FinishUpload(each) for each in requests), return_exceptions=True)
    assert sum(isinstance(each, api.FinishUploadResponse) for each in outcomes) == 1
    assert await download(ann, book.id, upload.file_id) == b"abc"


@pytest.mark.parametrize("step", ["type_of", "read_piece", "Inspected"])
async def test_whoever_dies_on_the_way_can_go_on(
    book: BookOf, server: App, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """An upload is as it was before, whatever the step that failed."""
    content = photo()
    upload = await bring_parts(book.person, book.id, content)
    request = finish(book.id, upload.file_id, content)

    def die(*_: object, **__: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(uploading, step, die)
        assert (await refusal_of(book.person.files.FinishUpload(request))).reason == "INTERNAL"
    file: file_pb2.File = (await book.person.files.FinishUpload(request)).file
    assert file.has_thumbnail
    assert await download(book.person, book.id, file.id) == content
