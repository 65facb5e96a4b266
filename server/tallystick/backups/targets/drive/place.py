"""In which folder do archives lie? In the one whose id is remembered; or in one that is found by its properties; or in a new one.

This app cannot look a folder up by name, for it sees what it made and nothing else. And a folder in the trash takes what is put into it
along: whoever threw it away gets a new one.
"""

from typing import Any

from tallystick.backups.targets.drive.files import FOLDER, FOLDER_FIELDS, WHAT, compose_folder
from tallystick.backups.targets.drive.shelf import Shelf
from tallystick.backups.targets.target import Progress

KEY = "folder"
NAME = "Tallystick backups"


async def require_folder(shelf: Shelf, progress: Progress, name: str, parent_id: str | None) -> str:
    """The id of the folder, which is there when this returns."""
    known_id = await progress.load(KEY)
    if known_id and _is_kept(await shelf.find(known_id, FOLDER_FIELDS)):
        return known_id
    folder_id = await _find_folder(shelf) or await _make_folder(shelf, name, parent_id)
    await progress.save(KEY, folder_id)
    return folder_id


def _is_kept(told: dict[str, Any] | None) -> bool:
    return told is not None and not told.get("trashed")


async def _find_folder(shelf: Shelf) -> str | None:
    """One that an earlier connection made."""
    found = [str(each["id"]) async for each in shelf.list({WHAT: FOLDER}, FOLDER_FIELDS)]
    return found[0] if found else None


async def _make_folder(shelf: Shelf, name: str, parent_id: str | None) -> str:
    folder_id = await shelf.mint_id()
    await shelf.create(compose_folder(folder_id, name, parent_id))
    return folder_id
