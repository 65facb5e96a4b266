"""How do contents lie in a folder? `<space>/<content>/<object>`, each object a file that is whole or not there.

An object is written under another name, brought to the disk, and linked to its own name, which fails if that is taken: two that put the
same object at once do not mix, and a process that dies leaves a file in `.partial` and nothing else. All of it happens in threads.
"""

import asyncio
import errno
import os
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar
from uuid import UUID, uuid4

from tallystick.durable import sync_directory
from tallystick.files.storage.storage import Found, ObjectMissing, Place, StorageAway, StorageFull

T = TypeVar("T")

PARTIAL = ".partial"
FOLDER_MODE, FILE_MODE = 0o700, 0o600
_FULL = (errno.ENOSPC, errno.EDQUOT)
# What file systems say that have no links.
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.ENOSYS)
ATTEMPTS_MAX = 3


class FolderStorage:
    """Contents in a folder of this machine, or of one that several servers share."""

    def __init__(self, root: Path) -> None:
        self._root = root

    async def put(self, place: Place, name: str, sealed: bytes) -> bool:
        return await _in_thread(lambda: self._put(self._folder(place), name, sealed))

    async def get(self, place: Place, name: str) -> bytes:
        return await _in_thread((self._folder(place) / name).read_bytes)

    async def list_names(self, place: Place) -> list[str]:
        return await _in_thread(lambda: _names_in(self._folder(place)))

    async def list_sizes(self, place: Place) -> Mapping[str, int]:
        return await _in_thread(lambda: _sizes_in(self._folder(place)))

    async def remove(self, place: Place) -> None:
        await _in_thread(lambda: _remove(self._folder(place)))

    async def walk(self) -> AsyncIterator[Found]:
        for space in await _in_thread(lambda: _names_in(self._root)):
            if (space_id := _find_id(space)) is not None:
                for found in await _in_thread(lambda name=space, of=space_id: self._contents_of(name, of)):  # type: ignore[misc]  # defaults of a lambda
                    yield found

    async def tidy(self, before: datetime) -> int:
        return await _in_thread(lambda: self._tidy(before))

    def _folder(self, place: Place) -> Path:
        return self._root / str(place.space_id) / str(place.content_id)

    def _put(self, folder: Path, name: str, sealed: bytes) -> bool:
        target = folder / name
        if target.exists():
            return False
        partial = self._write(sealed)
        try:
            return _name_it(partial, target)
        finally:
            partial.unlink(missing_ok=True)

    def _write(self, sealed: bytes) -> Path:
        """A file on the disk that has no name of its own yet. None at all if something fails."""
        partial = self._root / PARTIAL / uuid4().hex
        partial.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, FILE_MODE)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(sealed)
                file.flush()
                os.fsync(descriptor)
        except OSError:
            partial.unlink(missing_ok=True)
            raise
        return partial

    def _contents_of(self, space: str, space_id: UUID) -> list[Found]:
        contents = []
        for name in _names_in(self._root / space):
            content_id = _find_id(name)
            if content_id is None:
                continue
            # Whoever took it away meanwhile has done what a walk is for.
            with suppress(FileNotFoundError):
                changed = (self._root / space / name).stat().st_mtime
                contents.append(Found(Place(space_id, content_id), datetime.fromtimestamp(changed, UTC)))
        return contents

    def _tidy(self, before: datetime) -> int:
        removed = 0
        for name in _names_in(self._root / PARTIAL):
            partial = self._root / PARTIAL / name
            with suppress(FileNotFoundError):
                if partial.stat().st_mtime < before.timestamp():
                    partial.unlink()
                    removed += 1
        return removed


def _name_it(partial: Path, target: Path) -> bool:
    """Gives a written file its name, unless that is taken."""
    for attempt in range(1, ATTEMPTS_MAX + 1):
        try:
            _make_folder(target.parent)
            _link(partial, target)
        except FileExistsError:
            return False
        except FileNotFoundError:
            # Somebody took the empty folder away in between.
            if attempt == ATTEMPTS_MAX:
                raise
        else:
            # Whoever takes the content away now takes this with it.
            with suppress(FileNotFoundError):
                sync_directory(target.parent)
            return True
    raise AssertionError("unreachable: the last attempt returned or raised")


def _link(partial: Path, target: Path) -> None:
    try:
        os.link(partial, target)
    except OSError as refused:
        if refused.errno not in _NO_LINKS:
            raise
        if target.exists():
            raise FileExistsError(str(target)) from refused
        partial.rename(target)


def _make_folder(folder: Path) -> None:
    """The folder, on the disk together with the folders that it is in."""
    if folder.is_dir():
        return
    folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    for each in (folder.parent, folder.parent.parent):
        sync_directory(each)


def _names_in(folder: Path) -> list[str]:
    try:
        return sorted(each.name for each in folder.iterdir())
    except FileNotFoundError:
        return []


def _sizes_in(folder: Path) -> Mapping[str, int]:
    sizes = {}
    for name in _names_in(folder):
        with suppress(FileNotFoundError):
            sizes[name] = (folder / name).stat().st_size
    return sizes


def _remove(folder: Path) -> None:
    for name in _names_in(folder):
        (folder / name).unlink(missing_ok=True)
    # The space's own folder goes with the last of its contents.
    for each in (folder, folder.parent):
        with suppress(FileNotFoundError):
            try:
                each.rmdir()
            except OSError as busy:
                if busy.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                    raise


def _find_id(name: str) -> UUID | None:
    """Names that are none of ours are left alone."""
    try:
        found = UUID(name)
    except ValueError:
        return None
    return found if str(found) == name else None


async def _in_thread(work: Callable[[], T]) -> T:
    with _speaking():
        return await asyncio.to_thread(work)


@contextmanager
def _speaking() -> Iterator[None]:
    """Says in the storage's words what the system says."""
    try:
        yield
    except FileNotFoundError as missing:
        raise ObjectMissing(str(missing.filename)) from missing
    except OSError as failed:
        if failed.errno in _FULL:
            raise StorageFull from failed
        raise StorageAway(failed.strerror or "no reason") from failed
