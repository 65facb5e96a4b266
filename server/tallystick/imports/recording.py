"""How do rows become what they stand for? Some hundred in a commit, each where the last one ended.

How far the import is stands in the import itself, and moves in the commit that moves it. So a kill between two commits loses nothing, and
of two calls at once the second finds, under the space's lock, that its rows are done.
"""

from uuid import UUID

from tallystick.errors import RuleBroken
from tallystick.imports import commands
from tallystick.imports.commands import copy_of, get_for_change
from tallystick.imports.destinations import destination_of
from tallystick.imports.queries import WANTED_AFTER, open_rows
from tallystick.imports.tables import FILE_IMPORT
from tallystick.store.tx import WriteTx
from tallystick.times import to_timestamp
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.import_pb2 import Import
from tallystick.v1.import_service_pb2 import UpdateImportMappingRequest, UpdateImportMappingResponse

# With the import itself, a commit holds no more changes than it may.
ROWS_IN_COMMIT = 450


async def begin_processing(tx: WriteTx, request: UpdateImportMappingRequest) -> UpdateImportMappingResponse:
    """From here on the import can only go on to its end. What was answered is remembered for the next file like this one."""
    before = await get_for_change(tx, request.import_id)
    if before.status != commands.READY:
        return UpdateImportMappingResponse(file_import=before)
    after = copy_of(before)
    await destination_of(before).begin(tx, before, after)
    after.status, after.processed_to = commands.PROCESSING, 0
    return UpdateImportMappingResponse(file_import=tx.put(FILE_IMPORT, before, after))


async def process_rows(
    tx: WriteTx, request: UpdateImportMappingRequest, after_row_no: int
) -> UpdateImportMappingResponse:
    """The next rows. If somebody else has done them meanwhile: nothing."""
    before = await get_for_change(tx, request.import_id)
    if before.status != commands.PROCESSING or before.processed_to != after_row_no:
        return UpdateImportMappingResponse(file_import=before)
    import_id = UUID(before.id)
    found = await tx.fetch(
        WANTED_AFTER(space_id=tx.space_id, import_id=import_id, after=after_row_no, limit=ROWS_IN_COMMIT)
    )
    after = copy_of(before)
    if not found:
        # That all is done is said after whoever waits for it was told.
        return UpdateImportMappingResponse(file_import=before)
    rows = open_rows(tx, import_id, found)
    after.counts.imported += await destination_of(before).record(tx, before, after, rows)
    after.processed_to = rows[-1].row_no
    return UpdateImportMappingResponse(file_import=tx.put(FILE_IMPORT, before, after))


async def end_processing(tx: WriteTx, request: UpdateImportMappingRequest) -> UpdateImportMappingResponse:
    before = await get_for_change(tx, request.import_id)
    if before.status != commands.PROCESSING:
        return UpdateImportMappingResponse(file_import=before)
    after = copy_of(before)
    after.status, after.processed_to = commands.DONE, before.counts.rows
    after.finished_at.CopyFrom(to_timestamp(tx.now))
    await destination_of(before).finish(tx, before, after)
    return UpdateImportMappingResponse(file_import=tx.put(FILE_IMPORT, before, after))


def require_processable(of_import: Import) -> None:
    """Whether rows of it may be imported."""
    if of_import.status == commands.NEEDS_ANSWERS:
        raise RuleBroken(ErrorReason.ERROR_REASON_IMPORT_NEEDS_ANSWERS, "The import asks something.")
    if of_import.status in {commands.REVERTING, commands.REVERTED}:
        raise RuleBroken(ErrorReason.ERROR_REASON_IMPORT_REVERTED, "The import was reverted.")
    if of_import.status == commands.FAILED:
        raise RuleBroken(ErrorReason.ERROR_REASON_IMPORT_FAILED, "The file cannot be read any more.")
