"""Does a folder keep what was put into it, whole or not at all?"""

import asyncio
import errno
import os
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from files import putting
from tallystick.files import sealing
from tallystick.files.storage.folder import PARTIAL, FolderStorage
from tallystick.files.storage.storage import ObjectMissing, Place, StorageAway, StorageFull

LATER = datetime.now(UTC) + timedelta(days=1)


@pytest.fixture
def storage(tmp_path: Path) -> FolderStorage:
    return FolderStorage(tmp_path)


@pytest.fixture
def place() -> Place:
    return Place(uuid4(), uuid4())


async def test_what_was_put_is_there_and_does_not_change(storage: FolderStorage, place: Place) -> None:
    assert await storage.put(place, "000001", b"first")
    assert not await storage.put(place, "000001", b"second")
    assert await storage.get(place, "000001") == b"first"
    assert await storage.list_names(place) == ["000001"]


async def test_of_many_that_put_the_same_object_one_does(storage: FolderStorage, place: Place, tmp_path: Path) -> None:
    contents = [bytes([number]) * 5000 for number in range(12)]
    done = await asyncio.gather(*(storage.put(place, "000000", each) for each in contents))
    assert done.count(True) == 1
    assert await storage.get(place, "000000") == contents[done.index(True)]
    assert list((tmp_path / PARTIAL).iterdir()) == []


async def test_what_is_not_there_is_missing(storage: FolderStorage, place: Place) -> None:
    with pytest.raises(ObjectMissing):
        await storage.get(place, "000000")
    assert await storage.list_names(place) == []
    await storage.remove(place)
    assert [found async for found in storage.walk()] == []


async def test_a_content_goes_with_all_its_objects_and_no_other(storage: FolderStorage, tmp_path: Path) -> None:
    space_id = uuid4()
    one, other = Place(space_id, uuid4()), Place(space_id, uuid4())
    for place in (one, other):
        for name in ("000000", "thumbnail"):
            await storage.put(place, name, b"x")
    assert {found.place async for found in storage.walk()} == {one, other}
    await storage.remove(one)
    assert [found.place async for found in storage.walk()] == [other]
    assert await storage.list_names(other) == ["000000", "thumbnail"]
    await storage.remove(other)
    assert [path.name for path in tmp_path.iterdir()] == [PARTIAL]


async def test_a_space_may_be_emptied_while_others_put_into_it(storage: FolderStorage) -> None:
    space_id = uuid4()

    async def come_and_go() -> None:
        for _ in range(25):
            place = Place(space_id, uuid4())
            assert await storage.put(place, "000000", b"x")
            assert await storage.get(place, "000000") == b"x"
            await storage.remove(place)

    await asyncio.gather(*(come_and_go() for _ in range(8)))
    assert [found async for found in storage.walk()] == []


async def test_a_walk_passes_over_what_is_not_ours(storage: FolderStorage, place: Place, tmp_path: Path) -> None:
    await storage.put(place, "000000", b"x")
    (tmp_path / "lost+found").mkdir()
    (tmp_path / str(place.space_id) / "notes").mkdir()
    (tmp_path / str(place.space_id).upper()).mkdir()
    assert [found.place async for found in storage.walk()] == [place]


async def test_nobody_else_may_read_it(storage: FolderStorage, place: Place, tmp_path: Path) -> None:
    await storage.put(place, "000000", b"x")
    folder = tmp_path / str(place.space_id) / str(place.content_id)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "000000").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("step", ["open", "fsync", "link"])
@pytest.mark.parametrize(
    ("number", "said"), [(errno.ENOSPC, StorageFull), (errno.EDQUOT, StorageFull), (errno.EIO, StorageAway)], ids=str
)
async def test_what_fails_leaves_nothing(
    storage: FolderStorage,
    place: Place,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    number: int,
    said: type[Exception],
) -> None:
    await storage.put(place, "000000", b"x")
    original: Callable[..., int] = getattr(os, step)

    def fail(path: object, *rest: object, **options: object) -> int:
        if step == "open" and PARTIAL not in str(path):
            return original(path, *rest, **options)
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(f"tallystick.files.storage.folder.os.{step}", fail)
        with pytest.raises(said):
            await storage.put(place, "000001", b"y")
    assert await storage.list_names(place) == ["000000"]
    assert list((tmp_path / PARTIAL).iterdir()) == []
    assert await storage.put(place, "000001", b"y")


async def test_a_file_system_without_links_will_do(
    storage: FolderStorage, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "no links")

    monkeypatch.setattr("tallystick.files.storage.folder.os.link", refuse)
    assert await storage.put(place, "000000", b"first")
    assert not await storage.put(place, "000000", b"second")
    assert await storage.get(place, "000000") == b"first"


async def test_whoever_is_killed_has_put_whole_objects_only(
    storage: FolderStorage, place: Place, tmp_path: Path
) -> None:
    """Promised ones are there; of the last one there is all or nothing under its name."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, putting.__file__, str(tmp_path), str(place.space_id), str(place.content_id)),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert child.stdout is not None
    promised = -1
    async with asyncio.timeout(120):
        while promised < 5:
            promised = int(await child.stdout.readline())
        child.send_signal(signal.SIGKILL)
        rest = (await child.stdout.read()).split()
        await child.wait()
    promised = int(rest[-1]) if rest else promised
    names = await storage.list_names(place)
    assert {f"{number:06d}" for number in range(promised + 1)} <= set(names)
    for name in names:
        assert await storage.get(place, name) == bytes([int(name) % 251]) * putting.SIZE
    await storage.tidy(LATER)
    assert list((tmp_path / PARTIAL).iterdir()) == []


def test_a_piece_opens_in_its_own_place_only() -> None:
    place, key = Place(UUID(int=1), UUID(int=2)), sealing.new_key()
    sealed = sealing.close(key, place, "000000", b"abc")
    assert sealing.open_piece(key, place, "000000", sealed) == b"abc"
    elsewhere = (
        (key, Place(UUID(int=2), place.content_id), "000000", sealed),
        (key, Place(place.space_id, UUID(int=3)), "000000", sealed),
        (key, place, "000001", sealed),
        (key, place, "thumbnail", sealed),
        (sealing.new_key(), place, "000000", sealed),
        (key, place, "000000", sealed[:-1]),
        (key, place, "000000", b""),
    )
    for wrong in elsewhere:
        with pytest.raises(sealing.ContentDamaged):
            sealing.open_piece(*wrong)
