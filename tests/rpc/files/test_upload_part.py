"""UploadPart: one part, there for good and only as it was sent."""

import errno
import os

import pytest

from files.desk import PART, begin, bring, content_of, finish, part, sha256, start
from people import BookOf, new_id, refusal_of, sign_up
from rpc.spaces.sharing import EDITOR, VIEWER, share
from tallystick.app import App
from tallystick.config import Config
from tallystick.files.rules import Limits
from tallystick_client.v1 import file_service_pb2 as api


async def test_a_repeat_does_nothing(book: BookOf) -> None:
    upload = await begin(book.person, book.id, b"abc")
    for _ in range(3):
        answer = await book.person.files.UploadPart(part(book.id, upload.file_id, b"abc"))
        assert answer.number == 0
    file = (await book.person.files.FinishUpload(finish(book.id, upload.file_id, b"abc"))).file
    assert file.sha256 == sha256(b"abc")


async def test_another_content_does_not_take_its_place(book: BookOf) -> None:
    upload = await begin(book.person, book.id, b"abc")
    await book.person.files.UploadPart(part(book.id, upload.file_id, b"abc"))
    refused = await refusal_of(book.person.files.UploadPart(part(book.id, upload.file_id, b"xyz")))
    assert refused.reason == "PART_DIFFERS"
    await book.person.files.FinishUpload(finish(book.id, upload.file_id, b"abc"))


async def test_what_arrives_changed_is_refused(book: BookOf) -> None:
    upload = await begin(book.person, book.id, b"abc")
    spoilt = part(book.id, upload.file_id, b"abd", sha256=sha256(b"abc"))
    refused = await refusal_of(book.person.files.UploadPart(spoilt))
    assert (refused.reason, refused.fields) == ("CHECKSUM_MISMATCH", ("sha256",))
    await book.person.files.UploadPart(part(book.id, upload.file_id, b"abc"))


@pytest.mark.parametrize(
    ("number", "length", "field"),
    [(0, PART - 1, "data"), (1, 6, "data"), (1, 4, "data"), (2, 5, "number"), (2**31 - 1, 5, "number")],
)
async def test_nobody_brings_more_or_less_than_they_began_with(
    book: BookOf, number: int, length: int, field: str
) -> None:
    upload = await begin(book.person, book.id, b"", size_bytes=PART + 5)
    data = content_of(length)
    request = part(book.id, upload.file_id, data, number=number, data=data, sha256=sha256(data))
    refused = await refusal_of(book.person.files.UploadPart(request))
    assert (refused.reason, refused.fields) == ("INVALID_FIELD", (field,))


async def test_a_part_that_is_too_large_breaks_the_contract(book: BookOf) -> None:
    upload = await begin(book.person, book.id, b"", size_bytes=3 * PART)
    data = content_of(PART + 1)
    request = part(book.id, upload.file_id, data, data=data, sha256=sha256(data))
    assert (await refusal_of(book.person.files.UploadPart(request))).fields == ("data",)


async def test_nothing_plain_ever_lies_on_the_disk(book: BookOf, config: Config) -> None:
    marked = b"a word that nobody says by chance " * 40
    upload = await begin(book.person, book.id, marked, name="quite-a-name.txt")
    await book.person.files.UploadPart(part(book.id, upload.file_id, marked))
    lying = [path for path in (config.data_dir / "files").rglob("*") if path.is_file()]
    assert [path for path in lying if str(path.parent.parent.name) == book.id]
    assert [path for path in lying if b"by chance" in path.read_bytes() or "quite-a-name" in str(path)] == []
    assert list((config.data_dir / "files" / ".partial").iterdir()) == []


async def test_only_whoever_began_it_may_go_on(book: BookOf) -> None:
    upload = await begin(book.person, book.id, b"abc")
    for name, role, reason in (("Eve", EDITOR, "NOT_FOUND"), ("Vic", VIEWER, "ROLE_TOO_LOW")):
        other = await sign_up(book.person.client, name)
        await share(book.person, book.id, other, role)
        assert (await refusal_of(other.files.UploadPart(part(book.id, upload.file_id, b"abc")))).reason == reason
    missing = part(book.id, new_id(), b"abc")
    assert (await refusal_of(book.person.files.UploadPart(missing))).reason == "NOT_FOUND"


async def test_nothing_is_added_to_a_file_that_is_there(book: BookOf) -> None:
    file = await bring(book.person, book.id, b"abc")
    assert (await refusal_of(book.person.files.UploadPart(part(book.id, file.id, b"abc")))).reason == "NOT_FOUND"


@pytest.mark.parametrize(
    ("number", "reason"), [(errno.ENOSPC, "STORAGE_FULL"), (errno.EIO, "STORAGE_UNAVAILABLE")], ids=["full", "broken"]
)
async def test_a_disk_that_takes_no_more_leaves_nothing_half(
    book: BookOf, server: App, config: Config, monkeypatch: pytest.MonkeyPatch, number: int, reason: str
) -> None:
    """Before the part is whole, and when it is to get its name."""
    upload = await begin(book.person, book.id, b"abc")
    request = part(book.id, upload.file_id, b"abc")

    def fail(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    for name in ("fsync", "link"):
        with monkeypatch.context() as patch:
            patch.setattr(f"tallystick.files.storage.folder.os.{name}", fail)
            assert (await refusal_of(book.person.files.UploadPart(request))).reason == reason
        known = api.GetUploadRequest(space_id=book.id, file_id=upload.file_id)
        assert list((await book.person.files.GetUpload(known)).upload.part_numbers) == []
        assert list((config.data_dir / "files" / ".partial").iterdir()) == []
    await book.person.files.UploadPart(request)
    await book.person.files.FinishUpload(finish(book.id, upload.file_id, b"abc"))


@pytest.fixture
def small(server: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files may have 100 bytes, and all of a user's 10,000."""
    limits = Limits(100, 10_000)
    monkeypatch.setattr(server.files.service, "_limits", limits)
    monkeypatch.setattr(server.files.service._uploading, "_limits", limits)


@pytest.mark.usefixtures("small")
async def test_a_backup_that_is_brought_home_may_be_larger(book: BookOf) -> None:
    person, archive = book.person, b"\x89TLY\r\n\x1a\n" + bytes(500)
    file = await bring(person, person.user.home_id, archive)
    assert (file.content_type, file.size_bytes) == ("application/x-tallystick-archive", 508)
    refused = await refusal_of(person.files.StartUpload(start(book.id, archive)))
    assert (refused.reason, refused.metadata) == ("FILE_TOO_LARGE", {"bytes_max": "100"})
    refused = await refusal_of(person.files.StartUpload(start(person.user.home_id, b"", size_bytes=10_001)))
    assert (refused.reason, refused.metadata) == ("FILE_TOO_LARGE", {"bytes_max": "10000"})


@pytest.mark.usefixtures("small")
async def test_nothing_else_may(book: BookOf) -> None:
    person, content = book.person, bytes(500)
    upload = await begin(person, person.user.home_id, content)
    refused = await refusal_of(person.files.UploadPart(part(person.user.home_id, upload.file_id, content)))
    assert (refused.reason, refused.metadata) == ("FILE_TOO_LARGE", {"bytes_max": "100"})
