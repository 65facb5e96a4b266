"""What shall happen to imports? One function per commit, run inside the write door. Everything that takes a file, or more than one commit,
stands in front of these: making and answering, comparing, recording, reverting."""

import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from uuid import UUID

from tallystick import masks
from tallystick.errors import InvalidInput, NotVisible, RuleBroken, TallystickError, Unavailable
from tallystick.imports.keys import SECRET_BYTES
from tallystick.imports.queries import IMPORTS, PROFILES, ROWS_BY_NO, SECRET, SECRET_NAME, open_rows
from tallystick.imports.rows import DUPLICATE, ERROR, IMPORT, IMPORTABLE, OTHER_SIDE, fail, is_wanted, kind_of
from tallystick.imports.tables import FILE_IMPORT, IMPORT_PROFILE, IMPORT_ROW, IMPORT_SECRET
from tallystick.imports.writes import FORGET_ROWS
from tallystick.ledger.categories.queries import CATEGORIES
from tallystick.ledger.nouns.queries import get_noun
from tallystick.ledger.tables import CATEGORY
from tallystick.store.tx import WriteTx
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.import_pb2 import Import, ImportCounts, ImportStatus
from tallystick.v1.import_rows_pb2 import (
    ImportConfidence,
    ImportMatch,
    ImportMatchReason,
    ImportRow,
    UpdateImportRowsRequest,
    UpdateImportRowsResponse,
)
from tallystick.v1.import_service_pb2 import (
    CreateImportRequest,
    CreateImportResponse,
    DeleteImportProfileRequest,
    DeleteImportProfileResponse,
    DeleteImportRequest,
    DeleteImportResponse,
    UpdateImportMappingRequest,
    UpdateImportMappingResponse,
)
from tallystick.v1.ledger_pb2 import Category

# A step of comparing, recording or reverting.
Commit = Callable[[WriteTx, UpdateImportMappingRequest], Awaitable[UpdateImportMappingResponse]]

NEEDS_ANSWERS = ImportStatus.IMPORT_STATUS_NEEDS_ANSWERS
UNREAD = ImportStatus.IMPORT_STATUS_UNREAD
READY = ImportStatus.IMPORT_STATUS_READY
PROCESSING = ImportStatus.IMPORT_STATUS_PROCESSING
DONE = ImportStatus.IMPORT_STATUS_DONE
REVERTING = ImportStatus.IMPORT_STATUS_REVERTING
REVERTED = ImportStatus.IMPORT_STATUS_REVERTED
FAILED = ImportStatus.IMPORT_STATUS_FAILED
# Nothing of it is in the book yet.
OPEN = frozenset({NEEDS_ANSWERS, UNREAD, READY})


def begun() -> RuleBroken:
    return RuleBroken(ErrorReason.ERROR_REASON_IMPORT_BEGUN, "Rows of the import are in the book already.")


def busy() -> Unavailable:
    return Unavailable(ErrorReason.ERROR_REASON_IMPORT_BUSY, "Another call works on the import.", retry_after_s=1.0)


def copy_of(of_import: Import) -> Import:
    return masks.overlay(of_import, of_import, ())


async def get_for_change(tx: WriteTx, import_id: str) -> Import:
    return tx.require(FILE_IMPORT, await tx.fetch(IMPORTS.by_id(space_id=tx.space_id, id=UUID(import_id))))


async def create_import(tx: WriteTx, request: CreateImportRequest, made: Import) -> CreateImportResponse:
    """`made` is what was found out about the file."""
    tx.add(FILE_IMPORT, made)
    return CreateImportResponse(file_import=made)


async def update_import_mapping(
    tx: WriteTx, request: UpdateImportMappingRequest, made: Import, readings: int
) -> UpdateImportMappingResponse:
    """As the file is read by other answers. What was known of its rows is forgotten."""
    before = await get_for_change(tx, request.import_id)
    if before.status not in OPEN:
        raise begun()
    if before.readings != readings:
        raise busy()
    after = copy_of(made)
    after.readings = before.readings + 1
    tx.beside(FORGET_ROWS(of_space=tx.space_id, of_import=UUID(before.id)))
    return UpdateImportMappingResponse(file_import=tx.put(FILE_IMPORT, before, after))


async def begin_comparing(tx: WriteTx, request: UpdateImportMappingRequest) -> UpdateImportMappingResponse:
    """From here on, whoever began before stops. The space gets its secret, if it has none."""
    before = await get_for_change(tx, request.import_id)
    if before.status != UNREAD:
        raise busy()
    if not await tx.fetch(SECRET(space_id=tx.space_id, name=SECRET_NAME)):
        tx.keep_cell(IMPORT_SECRET, secrets.token_bytes(SECRET_BYTES), name=SECRET_NAME)
    after = copy_of(before)
    after.readings += 1
    tx.beside(FORGET_ROWS(of_space=tx.space_id, of_import=UUID(before.id)))
    return UpdateImportMappingResponse(file_import=tx.put(FILE_IMPORT, before, after))


async def keep_rows(
    tx: WriteTx, request: UpdateImportMappingRequest, rows: Sequence[ImportRow], readings: int
) -> UpdateImportMappingResponse:
    """Some of the rows. Nothing of it is a change that anybody must be told."""
    before = await get_for_change(tx, request.import_id)
    if before.status != UNREAD or before.readings != readings:
        raise busy()
    for row in rows:
        put_row(tx, UUID(request.import_id), row)
    return UpdateImportMappingResponse()


async def end_comparing(
    tx: WriteTx, request: UpdateImportMappingRequest, counts: ImportCounts, readings: int, likeness: str
) -> UpdateImportMappingResponse:
    before = await get_for_change(tx, request.import_id)
    if before.status != UNREAD or before.readings != readings:
        raise busy()
    after = copy_of(before)
    after.status, after.likeness = READY, likeness
    after.counts.CopyFrom(counts)
    return UpdateImportMappingResponse(file_import=tx.put(FILE_IMPORT, before, after))


async def fail_import(tx: WriteTx, request: UpdateImportMappingRequest) -> UpdateImportMappingResponse:
    """Its file is gone, or is none any more."""
    before = await get_for_change(tx, request.import_id)
    if before.status not in OPEN:
        return UpdateImportMappingResponse(file_import=before)
    after = copy_of(before)
    after.status = FAILED
    tx.beside(FORGET_ROWS(of_space=tx.space_id, of_import=UUID(before.id)))
    return UpdateImportMappingResponse(file_import=tx.put(FILE_IMPORT, before, after))


async def update_import_rows(tx: WriteTx, request: UpdateImportRowsRequest) -> UpdateImportRowsResponse:
    numbers = [each.row_no for each in request.updates]
    if len(set(numbers)) < len(numbers):
        raise InvalidInput.of_field("updates", "names a row twice", ErrorReason.ERROR_REASON_DUPLICATE_IN_BATCH)
    import_id = UUID(request.import_id)
    before = await get_for_change(tx, request.import_id)
    if before.status not in OPEN:
        raise begun()
    if before.status != READY:
        raise RuleBroken(ErrorReason.ERROR_REASON_IMPORT_NEEDS_ANSWERS, "The rows are not known yet.")
    found = await tx.fetch(ROWS_BY_NO(space_id=tx.space_id, import_id=import_id, numbers=numbers))
    rows = {row.row_no: row for row in open_rows(tx, import_id, found)}
    categories = await _find_categories(tx, [each.category_id for each in request.updates])
    after = copy_of(before)
    for index, update in enumerate(request.updates):
        row = rows.get(update.row_no)
        if row is None:
            raise NotVisible
        count(after.counts, row, -1)
        if update.action == IMPORT and row.state not in IMPORTABLE:
            raise InvalidInput.of_field(f"updates[{index}].action", "this row cannot be imported")
        row.action = update.action
        if update.HasField("category_id"):
            row.category_id = _category_for(row, update.category_id, categories, index)
        count(after.counts, row, 1)
        put_row(tx, import_id, row)
    return UpdateImportRowsResponse(file_import=tx.put(FILE_IMPORT, before, after))


async def _find_categories(tx: WriteTx, ids: Sequence[str]) -> Mapping[str, Category]:
    wanted = sorted({UUID(each) for each in ids if each})
    rows = await tx.fetch(CATEGORIES.by_ids(space_id=tx.space_id, ids=wanted)) if wanted else []
    return {str(row[0]): tx.open(CATEGORY, row) for row in rows}


def _category_for(row: ImportRow, category_id: str, categories: Mapping[str, Category], index: int) -> str:
    """A category that the row may have."""
    if not category_id:
        # Nor is one made of what the file says.
        row.category = ""
        return ""
    found = categories.get(str(UUID(category_id)))
    if found is None:
        raise NotVisible
    # A transfer has none.
    if row.other_account_id or found.kind != kind_of(row.amount.minor):
        raise InvalidInput.of_field(
            f"updates[{index}].category_id",
            "is of the other kind",
            ErrorReason.ERROR_REASON_CATEGORY_KIND_MISMATCH,
        )
    return found.id


async def delete_import(tx: WriteTx, request: DeleteImportRequest) -> DeleteImportResponse:
    before = await get_noun(tx, IMPORTS, request)
    if before.status not in OPEN | {REVERTED, FAILED}:
        raise begun()
    tx.beside(FORGET_ROWS(of_space=tx.space_id, of_import=UUID(before.id)))
    return DeleteImportResponse(file_import=tx.delete(FILE_IMPORT, before))


async def delete_import_profile(tx: WriteTx, request: DeleteImportProfileRequest) -> DeleteImportProfileResponse:
    return DeleteImportProfileResponse(profile=tx.delete(IMPORT_PROFILE, await get_noun(tx, PROFILES, request)))


def put_row(tx: WriteTx, import_id: UUID, row: ImportRow) -> None:
    tx.keep_cell(
        IMPORT_ROW,
        row.SerializeToString(deterministic=True),
        import_id=import_id,
        row_no=row.row_no,
        state=row.state,
        is_wanted=is_wanted(row),
    )


def become_duplicate(tx: WriteTx, after: Import, row: ImportRow, held_id: str) -> None:
    """Something has its name since it was compared."""
    count(after.counts, row, -1)
    row.state = DUPLICATE
    match = ImportMatch(
        transaction_id=held_id,
        confidence=ImportConfidence.IMPORT_CONFIDENCE_CERTAIN,
        reasons=[ImportMatchReason.IMPORT_MATCH_REASON_IMPORT_KEY],
    )
    row.match.CopyFrom(match)
    count(after.counts, row, 1)
    put_row(tx, UUID(after.id), row)


def fail_row(tx: WriteTx, after: Import, row: ImportRow, wrong: TallystickError) -> None:
    """It cannot be recorded as it is."""
    field = wrong.violations[0].field.partition(".")[2] if wrong.violations else ""
    count(after.counts, row, -1)
    count(after.counts, fail(row, field, wrong.message), 1)
    put_row(tx, UUID(after.id), row)


def count(counts: ImportCounts, row: ImportRow, by: int) -> None:
    """Each row is counted once: by what will become of it, else by what it is."""
    counts.rows += by
    if is_wanted(row):
        counts.new += by
    elif row.state == ERROR:
        counts.errors += by
    elif row.state in {DUPLICATE, OTHER_SIDE}:
        counts.duplicates += by
    else:
        counts.skipped += by


def count_all(rows: Sequence[ImportRow]) -> ImportCounts:
    counts = ImportCounts()
    for row in rows:
        count(counts, row, 1)
    return counts
