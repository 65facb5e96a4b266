"""Do closed contents travel as they lie, all of them and nothing else?"""

import errno
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from tallystick.files.storage.closed import ClosedContents
from tallystick.files.storage.folder import FolderStorage
from tallystick.files.storage.storage import Place, StorageAway, StorageFull

CONTENT = "11111111-1111-4111-8111-111111111111"
NAME = f"{CONTENT}/{CONTENT}/000000"


@pytest.fixture
def storage(tmp_path: Path) -> FolderStorage:
    return FolderStorage(tmp_path)


async def taken_from(storage: FolderStorage) -> dict[str, bytes]:
    return {name: b"".join([piece async for piece in pieces]) async for name, pieces in ClosedContents(storage).list()}


async def pieces_of(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def test_what_is_taken_comes_back_as_it_lay(storage: FolderStorage, tmp_path: Path) -> None:
    one, other = Place(uuid4(), uuid4()), Place(uuid4(), uuid4())
    for place, name in ((one, "000000"), (one, "000001"), (one, "thumbnail"), (other, "000000")):
        await storage.put(place, name, f"{place} {name}".encode())
    taken = await taken_from(storage)
    assert set(taken) == {
        *(f"{one.space_id}/{one.content_id}/{name}" for name in ("000000", "000001", "thumbnail")),
        f"{other.space_id}/{other.content_id}/000000",
    }
    elsewhere = FolderStorage(tmp_path / "elsewhere")
    for name, data in taken.items():
        await ClosedContents(elsewhere).put(name, pieces_of(data[:5], data[5:]))
    assert await taken_from(elsewhere) == taken


async def test_what_is_there_already_stays(storage: FolderStorage) -> None:
    for data in (b"first", b"second"):
        await ClosedContents(storage).put(NAME, pieces_of(data))
    assert await taken_from(storage) == {NAME: b"first"}


async def test_what_lies_beside_contents_is_not_taken(storage: FolderStorage, tmp_path: Path) -> None:
    await ClosedContents(storage).put(NAME, pieces_of(b"ours"))
    for stray in (".DS_Store", "Thumbs.db", "000000.bak"):
        (tmp_path / CONTENT / CONTENT / stray).write_bytes(b"somebody's")
    assert await taken_from(storage) == {NAME: b"ours"}


async def test_what_vanishes_meanwhile_is_passed_over(storage: FolderStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    staying, going = Place(uuid4(), uuid4()), Place(uuid4(), uuid4())
    for place in (staying, going):
        for name in ("000000", "000001"):
            await storage.put(place, name, b"x")
    list_names = storage.list_names

    async def listed(place: Place) -> list[str]:
        names = await list_names(place)
        # Between the list and the first read, as a sweep does.
        await storage.remove(going)
        return names

    monkeypatch.setattr(storage, "list_names", listed)
    assert set(await taken_from(storage)) == {f"{staying.space_id}/{staying.content_id}/00000{end}" for end in "01"}


@pytest.mark.parametrize(
    "name",
    [
        "000000",
        f"{CONTENT}/000000",
        f"{NAME}/000000",
        f"{CONTENT}/{CONTENT}/..",
        f"{CONTENT}/{CONTENT}/.partial",
        f"{CONTENT}/{CONTENT}/note",
        f"../{CONTENT}/000000",
        f"{CONTENT.replace('-', '')}/{CONTENT}/000000",
        f"{CONTENT}/{CONTENT.replace('-', '')}/000000",
    ],
)
async def test_a_foreign_name_is_refused(storage: FolderStorage, tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match=r"to unpack|badly formed|no object"):
        await ClosedContents(storage).put(name, pieces_of(b"x"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("failure", "number"), [(StorageFull(), errno.ENOSPC), (StorageAway("broken"), errno.EIO)], ids=["full", "away"]
)
async def test_a_storage_that_fails_is_told_as_a_disk_would(
    storage: FolderStorage, monkeypatch: pytest.MonkeyPatch, failure: Exception, number: int
) -> None:
    async def fails(*_: object) -> None:
        raise failure

    await ClosedContents(storage).put(NAME, pieces_of(b"x"))
    for of_storage in ("put", "get"):
        monkeypatch.setattr(storage, of_storage, fails)
    with pytest.raises(OSError, match="Errno") as put:
        await ClosedContents(storage).put(NAME, pieces_of(b"x"))
    with pytest.raises(OSError, match="Errno") as taken:
        await taken_from(storage)
    assert (put.value.errno, taken.value.errno) == (number, number)
