"""DownloadFile: the content, or a part of it, byte for byte."""

from uuid import UUID

import grpc
import pytest

from files.desk import PART, bring, content_of, delete, download
from people import BookOf, Person, Refusal, new_id, read_refusal
from tallystick.app import App
from tallystick.caller import Caller
from tallystick.config import Config
from tallystick.v1 import file_service_pb2
from tallystick_client.v1 import file_service_pb2 as api

SIZE = 2 * PART + 1000


async def refusal_of_download(person: Person, space_id: str, file_id: str, **other: object) -> Refusal:
    try:
        await download(person, space_id, file_id, **other)
    except grpc.aio.AioRpcError as error:
        return read_refusal(error)
    raise AssertionError("it was answered, and had to be refused")


@pytest.mark.parametrize(
    ("offset", "limit"),
    [(0, 0), (0, 1), (1, 2), (PART - 1, 2), (PART, PART), (PART + 7, 0), (SIZE - 1, 0), (SIZE - 1, 99), (SIZE, 0)],
)
async def test_any_range_is_what_it_is_in_the_content(book: BookOf, offset: int, limit: int) -> None:
    content = content_of(SIZE)
    file = await bring(book.person, book.id, content)
    wanted = content[offset : offset + limit] if limit else content[offset:]
    assert await download(book.person, book.id, file.id, offset=offset, limit=limit) == wanted


async def test_the_first_message_has_the_file(book: BookOf) -> None:
    file = await bring(book.person, book.id, content_of(SIZE))
    request = api.DownloadFileRequest(space_id=book.id, file_id=file.id)
    answers = [answer async for answer in book.person.contents.DownloadFile(request)]
    assert answers[0].file == file
    assert len(answers) > 3
    assert not any(answer.HasField("file") for answer in answers[1:])


async def test_behind_the_end_there_is_nothing(book: BookOf) -> None:
    file = await bring(book.person, book.id, b"abc")
    refused = await refusal_of_download(book.person, book.id, file.id, offset=4)
    assert (refused.reason, refused.fields) == ("INVALID_FIELD", ("offset",))


async def test_a_thumbnail_comes_whole_if_there_is_one(book: BookOf) -> None:
    file = await bring(book.person, book.id, b"abc")
    assert (await refusal_of_download(book.person, book.id, file.id, thumbnail=True)).reason == "NOT_FOUND"
    assert (await refusal_of_download(book.person, book.id, file.id, thumbnail=True, offset=1)).fields == ("offset",)


async def test_what_is_not_there_is_not_found(book: BookOf, bob: Person) -> None:
    file = await bring(book.person, book.id, b"abc")
    foreign = await refusal_of_download(bob, book.id, file.id)
    missing = await refusal_of_download(bob, new_id(), new_id())
    assert (foreign.reason, foreign.raw) == ("NOT_FOUND", missing.raw)
    await delete(book.person, file)
    assert (await refusal_of_download(book.person, book.id, file.id)).reason == "NOT_FOUND"


async def test_other_features_read_contents_in_their_own_transactions(book: BookOf, server: App) -> None:
    content = content_of(SIZE)
    file = await bring(book.person, book.id, content)
    user = book.person.user
    caller = Caller(UUID(user.id), UUID(user.home_id), None, "")
    asked = file_service_pb2.GetFileRequest(space_id=book.id, file_id=file.id)
    opened = await server.files.open_content(server.store.reader(caller, book.id, asked), UUID(file.id))
    assert (opened.file.id, opened.file.size_bytes) == (file.id, SIZE)
    assert b"".join([piece async for piece in opened.pieces()]) == content


@pytest.mark.parametrize("damage", ["flipped", "cut", "swapped", "missing"])
async def test_what_was_damaged_is_never_sent(book: BookOf, config: Config, damage: str) -> None:
    content = content_of(2 * PART)
    file = await bring(book.person, book.id, content)
    (folder,) = (config.data_dir / "files" / book.id).iterdir()
    first, second = sorted(folder.iterdir())
    sealed = second.read_bytes()
    if damage == "missing":
        second.unlink()
    elif damage == "swapped":
        second.write_bytes(first.read_bytes())
    else:
        second.write_bytes(sealed[:-1] if damage == "cut" else sealed[:99] + bytes([sealed[99] ^ 1]) + sealed[100:])
    assert (await refusal_of_download(book.person, book.id, file.id)).reason == "INTERNAL"
    assert await download(book.person, book.id, file.id, limit=PART) == content[:PART]
