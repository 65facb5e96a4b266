"""StartUpload: what is going to come, and in which parts."""

import asyncio
from typing import Any

import pytest

from files.desk import PART, begin, bring, content_of, delete, start
from people import BookOf, Person, new_id, refusal_of
from rpc.files.promises import keeps_the_promises_of_a_write
from tallystick.app import App
from tallystick.files.rules import Limits
from tallystick_client.v1 import file_service_pb2 as api

MIB = 1024 * 1024


async def test_it_says_in_which_parts_the_file_comes(book: BookOf) -> None:
    content = content_of(2 * PART + 1)
    upload = await begin(book.person, book.id, content)
    assert (upload.part_bytes, upload.part_count, upload.size_bytes) == (PART, 3, len(content))
    assert list(upload.part_numbers) == []
    assert upload.expires_at.seconds > 0


async def test_it_keeps_its_promises(book: BookOf) -> None:
    request = start(book.id, b"abc")
    await keeps_the_promises_of_a_write(book, "StartUpload", request, name="other")


async def test_the_server_may_make_the_id(book: BookOf) -> None:
    upload = await begin(book.person, book.id, b"abc", file_id="")
    assert len(upload.file_id) == 36


@pytest.mark.parametrize("size", [25 * MIB + 1, 2 * 1024 * MIB, 2**63 - 1])
async def test_a_file_that_is_too_large_is_refused_before_it_comes(book: BookOf, size: int) -> None:
    refused = await refusal_of(book.person.files.StartUpload(start(book.id, b"", size_bytes=size)))
    assert (refused.reason, refused.fields) == ("FILE_TOO_LARGE", ("size_bytes",))
    assert refused.metadata["bytes_max"] == str(25 * MIB)


async def test_what_fits_exactly_is_taken(book: BookOf) -> None:
    assert (await begin(book.person, book.id, b"", size_bytes=25 * MIB)).part_count == 25


@pytest.mark.parametrize("other", [{"size_bytes": 0}, {"name": ""}, {"name": "x" * 1001}], ids=str)
async def test_what_no_file_can_be_is_refused(book: BookOf, other: dict[str, Any]) -> None:
    refused = await refusal_of(book.person.files.StartUpload(start(book.id, b"abc", **other)))
    assert (refused.reason, refused.fields) == ("INVALID_FIELD", tuple(other))


async def test_an_id_is_taken_once(book: BookOf) -> None:
    upload = await begin(book.person, book.id, b"abc")
    again = start(book.id, b"abc", file_id=upload.file_id)
    assert (await refusal_of(book.person.files.StartUpload(again))).reason == "ID_TAKEN"
    file = await bring(book.person, book.id, b"abc")
    await delete(book.person, file)
    again = start(book.id, b"abc", file_id=file.id)
    assert (await refusal_of(book.person.files.StartUpload(again))).reason == "ID_TAKEN"


async def test_all_files_of_a_user_have_room_for_so_many_bytes(
    ann: Person, book: BookOf, server: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Uploads count from their beginning, in whatever space; what was deleted counts until it is gone."""
    monkeypatch.setattr(server.files.service, "_limits", Limits(MIB, 3000))
    home = ann.user.home_id
    await begin(ann, home, b"", size_bytes=1000)
    file = await bring(ann, book.id, content_of(1500))
    refused = await refusal_of(ann.files.StartUpload(start(book.id, b"", size_bytes=501)))
    assert (refused.reason, refused.metadata) == ("FILES_FULL", {"bytes": "2500", "bytes_max": "3000"})
    await delete(ann, file)
    assert (await refusal_of(ann.files.StartUpload(start(book.id, b"", size_bytes=501)))).reason == "FILES_FULL"
    await begin(ann, book.id, b"", size_bytes=500)


async def test_two_uploads_at_once_do_not_both_find_the_last_room(
    ann: Person, book: BookOf, server: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server.files.service, "_limits", Limits(MIB, 1000))
    spaces = [ann.user.home_id, book.id] * 4
    calls = [ann.files.StartUpload(start(space, b"", size_bytes=600)) for space in spaces]
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert sum(isinstance(each, api.StartUploadResponse) for each in outcomes) == 1


async def test_what_nobody_may_see_is_not_found(book: BookOf, bob: Person) -> None:
    refused = await refusal_of(bob.files.StartUpload(start(book.id, b"abc")))
    missing = await refusal_of(bob.files.StartUpload(start(new_id(), b"abc")))
    assert refused.reason == "NOT_FOUND"
    assert refused.raw == missing.raw


def test_the_limits_come_from_the_settings(server: App) -> None:
    assert server.files.service._limits == Limits(25 * MIB, 1024 * MIB)
