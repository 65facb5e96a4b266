"""How is everything that an import made deleted again? Some hundred in a commit, as importing was done, from the first row to the last.

What somebody has changed since stays: it is theirs now. So does what something else needs, such as an expense that was refunded.
"""

from collections.abc import Sequence
from uuid import UUID

from tallystick.errors import RuleBroken, TallystickError
from tallystick.imports import commands
from tallystick.imports.categories import remove_categories
from tallystick.imports.commands import copy_of, get_for_change
from tallystick.imports.queries import MADE, WANTED_AFTER, WRITTEN
from tallystick.imports.rows import imported_id_of
from tallystick.imports.tables import FILE_IMPORT
from tallystick.ledger.tables import TRANSACTION
from tallystick.ledger.transactions.removing import remove
from tallystick.store.tx import WriteTx
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.import_pb2 import Import
from tallystick.v1.import_service_pb2 import UpdateImportMappingRequest, UpdateImportMappingResponse
from tallystick.v1.ledger_pb2 import Transaction

ROWS_IN_COMMIT = 450
_AT = "rows"


async def begin_reverting(tx: WriteTx, request: UpdateImportMappingRequest) -> UpdateImportMappingResponse:
    """Whatever is imported up to here is reverted, also of an import that did not come to its end."""
    before = await get_for_change(tx, request.import_id)
    if before.status not in {commands.PROCESSING, commands.DONE}:
        return UpdateImportMappingResponse(file_import=before)
    after = copy_of(before)
    after.status, after.processed_to = commands.REVERTING, 0
    return UpdateImportMappingResponse(file_import=tx.put(FILE_IMPORT, before, after))


async def revert_rows(
    tx: WriteTx, request: UpdateImportMappingRequest, after_row_no: int
) -> UpdateImportMappingResponse:
    """What the next rows became. If somebody else has done them meanwhile: nothing."""
    before = await get_for_change(tx, request.import_id)
    if before.status != commands.REVERTING or before.processed_to != after_row_no:
        return UpdateImportMappingResponse(file_import=before)
    import_id = UUID(before.id)
    rows = await tx.fetch(
        WANTED_AFTER(space_id=tx.space_id, import_id=import_id, after=after_row_no, limit=ROWS_IN_COMMIT)
    )
    if not rows:
        return UpdateImportMappingResponse(file_import=before)
    after = copy_of(before)
    await _revert(tx, after, [imported_id_of(import_id, row_no) for row_no, _, _ in rows])
    after.processed_to = rows[-1][0]
    return UpdateImportMappingResponse(file_import=tx.put(FILE_IMPORT, before, after))


async def end_reverting(tx: WriteTx, request: UpdateImportMappingRequest) -> UpdateImportMappingResponse:
    """With the categories that it made, as far as nobody has changed or used them."""
    before = await get_for_change(tx, request.import_id)
    if before.status != commands.REVERTING:
        return UpdateImportMappingResponse(file_import=before)
    await remove_categories(tx, before)
    after = copy_of(before)
    after.status, after.processed_to = commands.REVERTED, before.counts.rows
    return UpdateImportMappingResponse(file_import=tx.put(FILE_IMPORT, before, after))


async def _revert(tx: WriteTx, after: Import, ids: Sequence[UUID]) -> None:
    """What is deleted already was deleted by somebody else, and is neither reverted nor kept."""
    found, written = await tx.fetch_all(MADE(space_id=tx.space_id, ids=ids), WRITTEN(space_id=tx.space_id, ids=ids))
    times: dict[UUID, int] = dict(written)
    live = [row for row in found if row[3] is None]
    untouched = [tx.open(TRANSACTION, (row[0], row[1], row[2])) for row in live if times[row[0]] == 1]
    removed = await _remove_what_can_be(tx, untouched)
    after.counts.reverted += removed
    after.counts.kept += len(live) - removed


async def _remove_what_can_be(tx: WriteTx, transactions: Sequence[Transaction]) -> int:
    left = list(transactions)
    while left:
        try:
            await remove(tx, left, at=_AT)
        except TallystickError as wrong:
            index = int(wrong.metadata.get("index", -1))
            if index < 0:
                raise
            left.pop(index)
        else:
            break
    return len(left)


def require_begun(of_import: Import) -> None:
    if of_import.status in commands.OPEN | {commands.FAILED}:
        raise RuleBroken(ErrorReason.ERROR_REASON_IMPORT_NOT_BEGUN, "Nothing of the import is in the book.")
