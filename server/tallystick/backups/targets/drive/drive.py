"""How does a Google Drive serve as a target? By a visible folder, that its owner may look into, copy from, and keep without us."""

import hashlib
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Any

from tallystick.backups.targets.drive import place
from tallystick.backups.targets.drive.connection import Connection, Line
from tallystick.backups.targets.drive.downloading import find_checksum, read_pieces
from tallystick.backups.targets.drive.failures import MESSAGES, read_field
from tallystick.backups.targets.drive.files import ARCHIVE, SHA256, WHAT, is_whole, read_stored
from tallystick.backups.targets.drive.room import Room, read_room
from tallystick.backups.targets.drive.shelf import Shelf
from tallystick.backups.targets.drive.uploading import CHUNK_BYTES, FolderGone, Uploading
from tallystick.backups.targets.target import (
    RUN_LABEL,
    Progress,
    SpooledArchive,
    Stored,
    TargetFailed,
    TargetReason,
    require_labels,
)

FOLDERS_MAX = 3


@dataclass(frozen=True, slots=True)
class DriveTarget:
    """One user's Drive, or a shared one."""

    line: Line
    progress: Progress
    shared_drive_id: str | None = None
    folder_name: str = place.NAME
    chunk_bytes: int = CHUNK_BYTES

    async def store(self, name: str, labels: Mapping[str, str], source: SpooledArchive) -> Stored:
        require_labels(labels)
        async with self.line.connected() as connection:
            shelf = Shelf(connection, self.shared_drive_id)
            key = f"upload:{labels[RUN_LABEL]}"
            uploading = Uploading(shelf, self.progress, key, source, self.chunk_bytes)
            told = await self._find_sent(shelf, uploading, labels, source)
            if told is None:
                told = await self._send(shelf, uploading, name, labels)
            # What is remembered has served, whatever comes of the comparison: a damaged file's id cannot be used again.
            await self.progress.clear(key)
            await self._compare(connection, shelf, told, source)
            await self._clear_others(shelf, told, labels)
            return read_stored(told)

    async def find(self, labels: Mapping[str, str]) -> Stored | None:
        async with aclosing(self.list(labels)) as found:
            return await anext(found, None)

    async def list(self, labels: Mapping[str, str]) -> AsyncGenerator[Stored]:
        async with self.line.connected() as connection:
            shelf = Shelf(connection, self.shared_drive_id)
            async with aclosing(shelf.list({WHAT: ARCHIVE, **labels})) as found:
                async for told in found:
                    if is_whole(told):
                        yield read_stored(told)

    async def read(self, stored_id: str) -> AsyncGenerator[bytes]:
        async with self.line.connected() as connection:
            told = await Shelf(connection, self.shared_drive_id).get(stored_id)
            async with aclosing(read_pieces(connection, told, self.chunk_bytes)) as pieces:
                async for piece in pieces:
                    yield piece

    async def delete(self, stored_id: str) -> None:
        async with self.line.connected() as connection:
            await Shelf(connection, self.shared_drive_id).delete(stored_id)

    async def check(self) -> None:
        """By making a file in the folder, and deleting it: a permission to do one is none to do the other."""
        async with self.line.connected() as connection:
            shelf = Shelf(connection, self.shared_drive_id)
            if not self.shared_drive_id:
                (await read_room(connection)).require_some()
            folder_id = await self._require_folder(shelf)
            probe_id = await shelf.mint_id()
            await shelf.create({"id": probe_id, "name": "Can be deleted", "parents": [folder_id]})
            await shelf.delete(probe_id)

    async def look(self) -> Room:
        """Whose Drive it is, and how much room it has."""
        async with self.line.connected() as connection:
            return await read_room(connection)

    async def _require_folder(self, shelf: Shelf) -> str:
        return await place.require_folder(shelf, self.progress, self.folder_name, self.shared_drive_id)

    async def _find_sent(
        self, shelf: Shelf, uploading: Uploading, labels: Mapping[str, str], source: SpooledArchive
    ) -> dict[str, Any] | None:
        """What an earlier try of this run left, if it is whole. By its id where that is known; else by its run."""
        session = await uploading.load()
        if session is not None:
            told = await shelf.find(session.file_id)
            # What is in the trash stays there: its owner decides. Its id is taken, so this is sent as another.
            return None if told is None or told.get("trashed") else told
        wanted = {WHAT: ARCHIVE, RUN_LABEL: labels[RUN_LABEL], SHA256: source.sha256.hex()}
        found = [told async for told in shelf.list(wanted) if is_whole(told)]
        return found[0] if found else None

    async def _send(self, shelf: Shelf, uploading: Uploading, name: str, labels: Mapping[str, str]) -> dict[str, Any]:
        for _ in range(FOLDERS_MAX):
            session = await uploading.load() or await uploading.begin()
            folder_id = await self._require_folder(shelf)
            with suppress(FolderGone):
                return await uploading.send(session, folder_id, name, labels)
        raise TargetFailed(TargetReason.GONE, "The folder in the Drive is deleted whenever it is made.")

    async def _compare(
        self, connection: Connection, shelf: Shelf, told: dict[str, Any], source: SpooledArchive
    ) -> None:
        """What the Drive has, with what it was sent. Nothing stays that differs, or of which nothing is known."""
        if int(read_field(told, "size")) == source.size_bytes:
            name, checksum = find_checksum(told)
            ours = source.sha256.hex() if name == "sha256" else await connection.run(lambda _: _hash(name, source))
            if checksum == ours:
                return
        await shelf.delete(str(told["id"]))
        raise TargetFailed(TargetReason.DAMAGED, MESSAGES[TargetReason.DAMAGED])

    async def _clear_others(self, shelf: Shelf, told: dict[str, Any], labels: Mapping[str, str]) -> None:
        """Of the same run: damaged ones, or those of an archive that was made anew. Where that fails, one too many is no failure."""
        with suppress(TargetFailed):
            found = shelf.list({WHAT: ARCHIVE, RUN_LABEL: labels[RUN_LABEL]})
            for other in [str(each["id"]) async for each in found if each["id"] != told["id"]]:
                await shelf.delete(other)


def _hash(name: str, source: SpooledArchive) -> str:
    with source.path.open("rb") as opened:
        return hashlib.file_digest(opened, name).hexdigest()
