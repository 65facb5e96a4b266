"""Where do the rows of an import go? Into a book or into a group: how far it is, and what is done when, is the same for both."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from tallystick.imports import into_book
from tallystick.imports.shared import into_group
from tallystick.store.tx import ReadTx, WriteTx
from tallystick.v1.import_pb2 import Import, ImportFormat
from tallystick.v1.import_rows_pb2 import ImportRow


class Destination(Protocol):
    """What differs. Everything runs inside the commit that moves the import on, and `after` is the import as that leaves it."""

    async def get_name(self, tx: ReadTx) -> str:
        """What the book or the group is called."""

    async def begin(self, tx: WriteTx, before: Import, after: Import) -> None:
        """What has to be there before the first row."""

    async def record(self, tx: WriteTx, of_import: Import, after: Import, rows: Sequence[ImportRow]) -> int:
        """Some rows. Returns how many were recorded."""

    async def finish(self, tx: WriteTx, before: Import, after: Import) -> None:
        """After the last row."""

    async def revert(self, tx: WriteTx, after: Import, ids: Sequence[UUID]) -> None:
        """What some rows became."""

    async def clear(self, tx: WriteTx, before: Import) -> None:
        """What else it made, after the last row was reverted."""


def is_shared(of_import: Import) -> bool:
    """Whether it is of what a group shares."""
    return of_import.format == ImportFormat.IMPORT_FORMAT_SPLITWISE


def destination_of(of_import: Import) -> Destination:
    return into_group if is_shared(of_import) else into_book
