"""Does an app get whole files, and notice what is not whole?"""

import asyncio
import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from people import PASSWORD, BookOf
from tallystick_client import Client, ExportIncomplete, NotFound, export, new_id, save_export
from tallystick_client.v1.export_pb2 import ExportEnd, ExportFormat, ExportHeader, ExportProgress
from tallystick_client.v1.export_service_pb2 import ExportRequest, ExportResponse

T = TypeVar("T")
DATA = [b"one", b"two", b"three"]
WHOLE = ExportEnd(size_bytes=11, sha256=hashlib.sha256(b"onetwothree").digest())


async def test_a_file_is_saved_whole_beside_others(address: str, home: BookOf, tmp_path: Path) -> None:
    await home.spend(250, payee="Bakery")

    def story() -> None:
        with Client(address) as client:
            client.sign_in(home.person.email, PASSWORD, "phone")
            request = ExportRequest(book_id=home.id, format=ExportFormat.EXPORT_FORMAT_CSV)
            saved = [save_export(client.exports.Export, request, tmp_path) for _ in range(2)]
            assert [path.name for path in saved] == ["Home-transactions.csv", "Home-transactions (2).csv"]
            assert saved[0].read_bytes() == saved[1].read_bytes()
            assert b"Bakery" in saved[0].read_bytes()
            assert sorted(tmp_path.iterdir()) == sorted(saved)
            with pytest.raises(NotFound):
                save_export(client.exports.Export, ExportRequest(book_id=new_id()), tmp_path)
            assert sorted(tmp_path.iterdir()) == sorted(saved)

    await asyncio.to_thread(story)


class Scripted:
    """A server that sends what a test wants."""

    def __init__(self, *parts: ExportResponse) -> None:
        self._parts = iter(parts)
        self.is_cancelled = False

    def __iter__(self) -> Iterator[ExportResponse]:
        return self

    def __next__(self) -> ExportResponse:
        return next(self._parts)

    def cancel(self) -> None:
        self.is_cancelled = True


def sending(name: str, chunks: list[bytes], end: ExportEnd | None) -> Callable[[ExportRequest], Any]:
    parts = [ExportResponse(header=ExportHeader(file_name=name, items=3))]
    for number, chunk in enumerate(chunks, 1):
        parts += [ExportResponse(chunk=chunk), ExportResponse(progress=ExportProgress(items=number))]
    return lambda request: Scripted(*parts, *([ExportResponse(end=end)] if end else ()))


def test_a_file_can_be_read_as_it_comes() -> None:
    told: list[tuple[int, int]] = []
    incoming = export(sending("a.csv", DATA, WHOLE), ExportRequest(), lambda done, items: told.append((done, items)))
    assert (incoming.name, b"".join(incoming)) == ("a.csv", b"onetwothree")
    assert told == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize(
    ("chunks", "end"),
    [
        (DATA, None),
        (DATA[:2], WHOLE),
        ([*DATA, b"x"], WHOLE),
        ([b"onetwothreE"], WHOLE),
        (DATA, ExportEnd(size_bytes=11)),
    ],
    ids=["no end", "a chunk lost", "one too many", "another byte", "no digest"],
)
def test_what_is_not_whole_is_not_there(tmp_path: Path, chunks: list[bytes], end: ExportEnd | None) -> None:
    with pytest.raises(ExportIncomplete):
        save_export(sending("a.csv", chunks, end), ExportRequest(), tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["../../a.csv", "/etc/a.csv", "..\\a.csv", "C:\\x\\a.csv", "a.csv"])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    assert save_export(sending(name, DATA, WHOLE), ExportRequest(), tmp_path) == tmp_path / "a.csv"


@pytest.mark.parametrize("name", ["", "..", "/", "."])
def test_without_a_name_it_has_one_all_the_same(tmp_path: Path, name: str) -> None:
    assert save_export(sending(name, DATA, WHOLE), ExportRequest(), tmp_path) == tmp_path / "export"


def test_a_stream_that_is_none_says_so() -> None:
    with pytest.raises(ExportIncomplete):
        export(lambda request: Scripted(), ExportRequest())
