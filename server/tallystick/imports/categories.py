"""Which categories does an import make? Those that its rows name and the book does not have, if somebody wants that; each once."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID, uuid5

from tallystick.imports import commands
from tallystick.imports.queries import WRITTEN
from tallystick.imports.rows import kind_of
from tallystick.imports.tables import FILE_IMPORT
from tallystick.ledger.categories.queries import CATEGORIES
from tallystick.ledger.categories.queries_uses import is_used
from tallystick.ledger.folding import folded
from tallystick.ledger.tables import CATEGORY
from tallystick.store.tx import WriteTx
from tallystick.times import to_timestamp
from tallystick.v1.import_pb2 import Import
from tallystick.v1.import_rows_pb2 import ImportRow
from tallystick.v1.import_service_pb2 import UpdateImportMappingRequest, UpdateImportMappingResponse
from tallystick.v1.ledger_pb2 import Category, CategoryKind

# With the import itself, a commit holds no more changes than it may.
IN_COMMIT = 400
# An export of everything has some hundred.
MADE_MAX = 1000
_NAME_CHARS_MAX = 200


class Missing(NamedTuple):
    """A category that rows name and the book does not have."""

    kind: CategoryKind.ValueType
    name: str

    def id_in(self, import_id: UUID) -> UUID:
        return uuid5(import_id, f"category {self.kind} {folded(self.name)}")


def missing_of(row: ImportRow) -> Missing | None:
    """By the last part of its name: programs write a group before it."""
    if not row.category or row.category_id or row.other_account_id:
        return None
    name = row.category
    for separator in (":", "/"):
        name = name.rsplit(separator, maxsplit=1)[-1]
    name = " ".join(name.split())[:_NAME_CHARS_MAX]
    return Missing(kind_of(row.amount.minor), name) if name else None


def all_missing(rows: Iterable[ImportRow]) -> dict[tuple[int, str], Missing]:
    """However a name is written, it is one category."""
    found: dict[tuple[int, str], Missing] = {}
    for row in rows:
        missing = missing_of(row)
        if missing is not None:
            found.setdefault((missing.kind, folded(missing.name)), missing)
    return found


def made_for(of_import: Import, row: ImportRow) -> str:
    """The category that was made for the row. Empty: none was."""
    missing = missing_of(row) if of_import.choices.create_categories else None
    made_id = str(missing.id_in(UUID(of_import.id))) if missing else ""
    return made_id if made_id in of_import.created_category_ids else ""


async def make_categories(
    tx: WriteTx, request: UpdateImportMappingRequest, wanted: Sequence[Missing]
) -> UpdateImportMappingResponse:
    before = await commands.get_for_change(tx, request.import_id)
    if before.status != commands.PROCESSING:
        return UpdateImportMappingResponse(file_import=before)
    after = commands.copy_of(before)
    for each in wanted:
        made_id = str(each.id_in(UUID(before.id)))
        if made_id in before.created_category_ids:
            continue
        made = Category(
            id=made_id, book_id=str(tx.space_id), name=each.name, kind=each.kind, created_at=to_timestamp(tx.now)
        )
        tx.add(CATEGORY, made)
        after.created_category_ids.append(made_id)
    if after == before:
        return UpdateImportMappingResponse(file_import=before)
    return UpdateImportMappingResponse(file_import=tx.put(FILE_IMPORT, before, after))


async def remove_categories(tx: WriteTx, of_import: Import) -> None:
    """Those that the import made, that nobody has changed and nothing has."""
    ids = [UUID(each) for each in of_import.created_category_ids]
    if not ids:
        return
    found, written = await tx.fetch_all(
        CATEGORIES.by_ids(space_id=tx.space_id, ids=ids), WRITTEN(space_id=tx.space_id, ids=ids)
    )
    times: dict[UUID, int] = dict(written)
    for row in found[:IN_COMMIT]:
        if times[row[0]] == 1 and not await is_used(tx, row[0]):
            tx.delete(CATEGORY, tx.open(CATEGORY, (row[0], row[1], row[2])))
