"""How does a server run whose files lie in a folder, as the bench puts them there? As ours, but for where contents are opened."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from tallystick import app
from tallystick.cli.main import main
from tallystick.imports.contents import FileContent
from tallystick.store.tx import ReadTx

FILES = "BENCH_FILES"
PIECE = 256 * 1024


@dataclass(frozen=True)
class Head:
    name: str
    size_bytes: int


@dataclass(frozen=True)
class Content:
    file: Head
    path: Path

    async def pieces(self) -> AsyncIterator[bytes]:
        data = await asyncio.to_thread(self.path.read_bytes)
        for start in range(0, len(data), PIECE):
            yield data[start : start + PIECE]


async def _open(tx: ReadTx, file_id: UUID) -> FileContent:
    path = Path(os.environ[FILES]) / str(file_id)
    return Content(Head("bank.csv", path.stat().st_size), path)


if __name__ == "__main__":
    app.no_content = _open  # type: ignore[attr-defined]  # only in this process
    sys.exit(main())
