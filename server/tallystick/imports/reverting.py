"""How is everything that an import made deleted again? Some hundred in a commit, as importing was done, from the first row to the last.

What somebody has changed since stays: it is theirs now. So does what something else needs, such as an expense that was refunded.
"""

from uuid import UUID

from tallystick.errors import RuleBroken
from tallystick.imports import commands
from tallystick.imports.commands import copy_of, get_for_change
from tallystick.imports.destinations import destination_of
from tallystick.imports.queries import WANTED_AFTER
from tallystick.imports.recording import ROWS_IN_COMMIT
from tallystick.imports.rows import imported_id_of
from tallystick.imports.tables import FILE_IMPORT
from tallystick.store.tx import WriteTx
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.import_pb2 import Import
from tallystick.v1.import_service_pb2 import UpdateImportMappingRequest, UpdateImportMappingResponse


async def begin_reverting(tx: WriteTx, request: UpdateImportMappingRequest) -> UpdateImportMappingResponse:
    """Whatever is imported up to here is reverted, also of an import that did not come to its end."""
    before = await get_for_change(tx, request.import_id)
    if before.status not in {commands.PROCESSING, commands.DONE}:
        return UpdateImportMappingResponse(file_import=before)
    await _require_rows(tx, before)
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
    await destination_of(before).revert(tx, after, [imported_id_of(import_id, row_no) for row_no, _, _ in rows])
    after.processed_to = rows[-1][0]
    return UpdateImportMappingResponse(file_import=tx.put(FILE_IMPORT, before, after))


async def end_reverting(tx: WriteTx, request: UpdateImportMappingRequest) -> UpdateImportMappingResponse:
    """With what else it made, as far as nobody has changed or used it."""
    before = await get_for_change(tx, request.import_id)
    if before.status != commands.REVERTING:
        return UpdateImportMappingResponse(file_import=before)
    await destination_of(before).clear(tx, before)
    after = copy_of(before)
    after.status, after.processed_to = commands.REVERTED, before.counts.rows
    return UpdateImportMappingResponse(file_import=tx.put(FILE_IMPORT, before, after))


async def _require_rows(tx: WriteTx, of_import: Import) -> None:
    """They say what it made. A book or group that was brought back from a backup has none of them."""
    if not of_import.counts.imported:
        return
    named = {"space_id": tx.space_id, "import_id": UUID(of_import.id)}
    if not await tx.fetch(WANTED_AFTER(**named, after=0, limit=1)):
        raise RuleBroken(ErrorReason.ERROR_REASON_IMPORT_ROWS_GONE, "The rows of the import are not here any more.")


def require_begun(of_import: Import) -> None:
    if of_import.status in commands.OPEN | {commands.FAILED}:
        raise RuleBroken(ErrorReason.ERROR_REASON_IMPORT_NOT_BEGUN, "Nothing of the import is in the book.")
