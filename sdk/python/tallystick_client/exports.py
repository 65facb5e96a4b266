"""How does an app get a file out of an export? Chunk by chunk, and only what is whole counts."""

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, BinaryIO

from tallystick_client.v1.export_pb2 import ExportEnd, ExportHeader
from tallystick_client.v1.export_service_pb2 import ExportRequest, ExportResponse

_PARTIAL = ".partial"
_UNNAMED = "export"

# A stub's method: `client.exports.Export`.
Export = Callable[[ExportRequest], Iterator[ExportResponse]]
# Is told how many items are done, of how many.
Progress = Callable[[int, int], None]


class ExportIncomplete(Exception):
    """The stream ended, and what arrived is not the whole file. Export again."""


class IncomingFile:
    """A file that arrives while it is read: iterate over its bytes. The end raises `ExportIncomplete` if something is missing."""

    def __init__(self, call: Export, request: ExportRequest, on_progress: Progress | None = None) -> None:
        self._stream: Any = call(request)
        self._on_progress = on_progress
        first = next(self._stream, None)
        if first is None or not first.HasField("header"):
            raise ExportIncomplete("It ended before it began.")
        self.header: ExportHeader = first.header

    @property
    def name(self) -> str:
        """What the server calls it: a name, never a path."""
        name = PureWindowsPath(PurePosixPath(self.header.file_name).name).name
        return name if name not in {"", ".", ".."} else _UNNAMED

    def __iter__(self) -> Iterator[bytes]:
        digest, size, end = hashlib.sha256(), 0, None
        for part in self._stream:
            match part.WhichOneof("part"):
                case "chunk":
                    digest.update(part.chunk)
                    size += len(part.chunk)
                    yield part.chunk
                case "progress" if self._on_progress:
                    self._on_progress(part.progress.items, self.header.items)
                case "end":
                    end = part.end
        if end != ExportEnd(size_bytes=size, sha256=digest.digest()):
            raise ExportIncomplete("What arrived is not what was sent.")

    def close(self) -> None:
        """Ends it from here."""
        self._stream.cancel()


def export(call: Export, request: ExportRequest, on_progress: Progress | None = None) -> IncomingFile:
    """Begins an export: `for data in export(client.exports.Export, ExportRequest(book_id=…)): …`."""
    return IncomingFile(call, request, on_progress)


def save_export(call: Export, request: ExportRequest, folder: Path, on_progress: Progress | None = None) -> Path:
    """Exports to a file in a folder. It is there when it is whole, under a name that is not taken; what is not whole is removed."""
    incoming = export(call, request, on_progress)
    partial = folder / f".{os.urandom(8).hex()}{_PARTIAL}"
    try:
        with partial.open("xb") as out:
            _write(out, incoming)
        return _move(partial, folder / incoming.name)
    finally:
        partial.unlink(missing_ok=True)


def _write(out: BinaryIO, incoming: IncomingFile) -> None:
    try:
        out.writelines(incoming)
    except BaseException:
        incoming.close()
        raise
    out.flush()
    os.fsync(out.fileno())


def _move(partial: Path, wanted: Path) -> Path:
    """Never over another file."""
    number = 1
    target = wanted
    while True:
        try:
            target.touch(mode=0o600, exist_ok=False)
        except FileExistsError:
            number += 1
            target = wanted.with_stem(f"{wanted.stem} ({number})")
            continue
        return partial.replace(target)
