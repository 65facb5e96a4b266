"""A server that is killed: it puts objects one after the other, and says which are there. Run as a program."""

import asyncio
import itertools
import sys
from pathlib import Path
from uuid import UUID

from tallystick.files.storage.folder import FolderStorage
from tallystick.files.storage.storage import Place

SIZE = 1024 * 1024


async def main(root: Path, place: Place) -> None:
    """Until somebody kills it."""
    storage = FolderStorage(root)
    for number in itertools.count():
        await storage.put(place, f"{number:06d}", bytes([number % 251]) * SIZE)
        print(number, flush=True)  # noqa: T201 - the promise


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Place(UUID(sys.argv[2]), UUID(sys.argv[3]))))
