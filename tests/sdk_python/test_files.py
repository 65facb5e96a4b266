"""Bringing files and reading them again with the SDK, against the real server: whole, cut off, and offline."""

import asyncio
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from files.desk import PART, content_of, photo
from people import BookOf
from sdk_python.devices import Device
from tallystick_client import (
    Client,
    DownloadDamaged,
    MemoryTokens,
    Tokens,
    download_file,
    download_thumbnail,
    new_id,
    upload_file,
)
from tallystick_client.errors import InvalidArgument, NotFound, Unavailable
from tallystick_client.offline.applying_files import FILE_RULES
from tallystick_client.offline.commands import name_of
from tallystick_client.v1.file_pb2 import DeleteFileRequest, File, RestoreFileRequest
from tallystick_client.v1.file_service_pb2 import UploadPartRequest


async def with_client(home: BookOf, address: str, story: Callable[[Client], Any]) -> Any:
    tokens = MemoryTokens(Tokens(access_token=home.person.tokens.access_token))

    def run() -> Any:
        with Client(address, tokens) as client:
            return story(client)

    return await asyncio.to_thread(run)


async def test_a_file_comes_and_goes_whole(home: BookOf, address: str, tmp_path: Path) -> None:
    content = content_of(2 * PART + 99)
    path = tmp_path / "statement.csv"
    path.write_bytes(content)
    told: list[int] = []

    def story(client: Client) -> None:
        file = upload_file(client, home.id, path, on_progress=told.append)
        assert (file.name, file.size_bytes) == ("statement.csv", len(content))
        target = io.BytesIO()
        assert download_file(client, home.id, file.id, target) == file
        assert target.getvalue() == content
        with pytest.raises(NotFound):
            download_thumbnail(client, home.id, file.id)

    await with_client(home, address, story)
    assert told == [PART, 2 * PART, len(content)]


async def test_an_image_and_its_small_picture(home: BookOf, address: str) -> None:
    def story(client: Client) -> bytes:
        file = upload_file(client, home.id, io.BytesIO(photo()), name="x.png", private=True)
        assert file.private_to == home.person.user.id
        return download_thumbnail(client, home.id, file.id)

    assert (await with_client(home, address, story)).startswith(b"\xff\xd8\xff")


async def test_whoever_was_cut_off_goes_on_and_sends_nothing_twice(home: BookOf, address: str) -> None:
    content, file_id = content_of(3 * PART), new_id()
    sent: list[int] = []

    class Cut:
        """The stub of somebody whose network goes away in the middle."""

        def __init__(self, client: Client) -> None:
            self._files = client.files
            self.fails_at = 1

        @property
        def files(self) -> Any:
            return self

        def __getattr__(self, name: str) -> Any:
            return getattr(self._files, name)

        def UploadPart(self, request: UploadPartRequest) -> Any:
            if request.number == self.fails_at:
                raise OSError("no network")
            sent.append(request.number)
            return self._files.UploadPart(request)

    def story(client: Client) -> None:
        cut = Cut(client)
        with pytest.raises(OSError, match="no network"):
            upload_file(cut, home.id, content, name="x", file_id=file_id)
        cut.fails_at = -1
        first = upload_file(cut, home.id, content, name="x", file_id=file_id)
        assert sent == [0, 1, 2]
        assert upload_file(client, home.id, content, name="x", file_id=file_id) == first
        with pytest.raises(InvalidArgument) as other:
            upload_file(client, home.id, content + b"x", name="x", file_id=file_id)
        assert other.value.reason == "REQUEST_ID_REUSED"

    await with_client(home, address, story)


async def test_a_download_goes_on_where_it_was_cut_off(home: BookOf, address: str) -> None:
    content = content_of(2 * PART)

    class Cut:
        """The stub of somebody whose server goes away after the second message."""

        def __init__(self, client: Client, *, spoils: bool) -> None:
            self._files = client.files
            self._spoils = spoils
            self.offsets: list[int] = []

        @property
        def files(self) -> Any:
            return self

        def DownloadFile(self, request: Any) -> Any:
            self.offsets.append(request.offset)
            for number, answer in enumerate(self._files.DownloadFile(request)):
                if number == 2 and len(self.offsets) < 3:
                    raise Unavailable("gone")
                if self._spoils:
                    answer.data = bytes(len(answer.data))
                yield answer

    def story(client: Client) -> None:
        file = upload_file(client, home.id, content, name="x")
        target, cut = io.BytesIO(), Cut(client, spoils=False)
        download_file(cut, home.id, file.id, target)
        assert target.getvalue() == content
        assert (len(cut.offsets), cut.offsets[0]) == (3, 0)
        assert cut.offsets == sorted(set(cut.offsets))
        with pytest.raises(DownloadDamaged):
            download_file(Cut(client, spoils=True), home.id, file.id, io.BytesIO())

    await with_client(home, address, story)


async def test_what_is_shown_offline_is_what_comes(phone: Device, home: BookOf, address: str) -> None:
    file: File = await with_client(home, address, lambda client: upload_file(client, home.id, b"abc", name="x"))

    def story() -> None:
        phone.sync()
        shown = phone.book.get(File, file.id)
        assert shown == file
        commands = [DeleteFileRequest(file_id=file.id.upper()), RestoreFileRequest(file_id=file.id)]
        assert {name_of(each) for each in commands} == FILE_RULES.keys()
        for command in commands:
            phone.book.do(command)
            before = [each.id for each in phone.book.list(File)]
            assert before == ([] if isinstance(command, DeleteFileRequest) else [file.id])
            phone.sync()
            assert [each.id for each in phone.book.list(File)] == before
            assert phone.book.waiting == 0
        assert phone.book.tray() == []

    await asyncio.to_thread(story)
