"""How do rows become transactions? Some hundred in a commit, recorded as a batch of drafts is, each where the last one ended.

How far the import is stands in the import itself, and moves in the commit that moves it. So a kill between two commits loses nothing, and
of two calls at once the second finds, under the space's lock, that its rows are done.
"""

from collections.abc import Sequence
from uuid import UUID

from tallystick.errors import RuleBroken, TallystickError
from tallystick.imports import commands
from tallystick.imports.categories import made_for
from tallystick.imports.commands import copy_of, count, get_for_change, put_row
from tallystick.imports.matching import CERTAIN
from tallystick.imports.profiles import remember
from tallystick.imports.queries import BY_IMPORT_ID, WANTED_AFTER, open_rows
from tallystick.imports.rows import DUPLICATE, IMPORT, draft_of, fail
from tallystick.imports.tables import FILE_IMPORT
from tallystick.ledger.accounts.queries import LIVE_ACCOUNTS
from tallystick.ledger.categories.queries import CATEGORIES
from tallystick.ledger.filling.queries import list_active
from tallystick.ledger.filling.rules_matching import apply_rules
from tallystick.ledger.tables import ACCOUNT, CATEGORY, import_id_of
from tallystick.ledger.transactions.recording import record
from tallystick.ledger.transactions.rules import CATEGORY_KIND_OF
from tallystick.store.tx import WriteTx
from tallystick.times import to_timestamp
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.import_pb2 import Import
from tallystick.v1.import_rows_pb2 import ImportMatch, ImportMatchReason, ImportRow
from tallystick.v1.import_service_pb2 import UpdateImportMappingRequest, UpdateImportMappingResponse
from tallystick.v1.ledger_pb2 import Transaction, TransactionDraft

# With the import itself, a commit holds no more changes than it may.
ROWS_IN_COMMIT = 450
_AT = "rows"


async def begin_processing(tx: WriteTx, request: UpdateImportMappingRequest) -> UpdateImportMappingResponse:
    """From here on the import can only go on to its end. What was answered is remembered for the next file like this one."""
    before = await get_for_change(tx, request.import_id)
    if before.status != commands.READY:
        return UpdateImportMappingResponse(file_import=before)
    accounts = [
        tx.open(ACCOUNT, (row[0], row[1], row[2])) for row in await tx.fetch(LIVE_ACCOUNTS(space_id=tx.space_id))
    ]
    await remember(tx, before, {each.id for each in accounts if each.private_to})
    after = copy_of(before)
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
    after.counts.imported += await _record(tx, before, after, rows)
    after.processed_to = rows[-1].row_no
    return UpdateImportMappingResponse(file_import=tx.put(FILE_IMPORT, before, after))


async def end_processing(tx: WriteTx, request: UpdateImportMappingRequest) -> UpdateImportMappingResponse:
    before = await get_for_change(tx, request.import_id)
    if before.status != commands.PROCESSING:
        return UpdateImportMappingResponse(file_import=before)
    after = copy_of(before)
    after.status, after.processed_to = commands.DONE, before.counts.rows
    after.finished_at.CopyFrom(to_timestamp(tx.now))
    return UpdateImportMappingResponse(file_import=tx.put(FILE_IMPORT, before, after))


async def _record(tx: WriteTx, of_import: Import, after: Import, rows: Sequence[ImportRow]) -> int:
    """Records what can be recorded, and returns how many that was. What cannot is said of its row."""

    def say_where_from(transaction: Transaction) -> None:
        transaction.import_id = of_import.id

    left = await _without_late(tx, of_import, after, rows)
    drafts = await _compose_drafts(tx, of_import, left)
    while left:
        try:
            await record(tx, drafts, reimport_deleted=True, complete=say_where_from, at=_AT)
        except TallystickError as wrong:
            index = int(wrong.metadata.get("index", -1))
            if index < 0:
                raise
            row = left.pop(index)
            drafts.pop(index)
            field = wrong.violations[0].field.partition(".")[2] if wrong.violations else ""
            count(after.counts, row, -1)
            count(after.counts, fail(row, field, wrong.message), 1)
            put_row(tx, UUID(of_import.id), row)
        else:
            break
    return len(left)


async def _without_late(tx: WriteTx, of_import: Import, after: Import, rows: Sequence[ImportRow]) -> list[ImportRow]:
    """Without rows that came into the book since they were compared. One that somebody wants all the same loses its name: it is taken."""
    names = {name: row for row in rows for name in _names_of(row)}
    taken = {
        import_id: transaction_id
        for import_id, transaction_id, _, is_live, _, _ in await tx.fetch(
            BY_IMPORT_ID(space_id=tx.space_id, ids=[*names])
        )
        if is_live
    }
    left = []
    for row in rows:
        held = next((taken[name] for name in _names_of(row) if name in taken), None)
        if held is not None and row.action == IMPORT:
            row.import_key = row.other_import_key = ""
        elif held is not None:
            match = ImportMatch(
                transaction_id=str(held),
                confidence=CERTAIN,
                reasons=[ImportMatchReason.IMPORT_MATCH_REASON_IMPORT_KEY],
            )
            _become_duplicate(tx, of_import, after, row, match)
            continue
        left.append(row)
    return left


def _names_of(row: ImportRow) -> list[UUID]:
    names = [import_id_of(UUID(row.account_id), row.import_key)]
    if row.other_account_id:
        names.append(import_id_of(UUID(row.other_account_id), row.other_import_key))
    return [name for name in names if name]


async def _compose_drafts(tx: WriteTx, of_import: Import, rows: Sequence[ImportRow]) -> list[TransactionDraft]:
    """With what the rules of the book fill in, and without categories that are gone or out of use."""
    active = [] if of_import.choices.skip_rules else await list_active(tx)
    ids = sorted({UUID(row.category_id) for row in rows if row.category_id})
    found = await tx.fetch(CATEGORIES.by_ids(space_id=tx.space_id, ids=ids)) if ids else []
    usable = {(each.id, each.kind) for each in (tx.open(CATEGORY, row) for row in found) if not each.archived}
    drafts = []
    for row in rows:
        draft = draft_of(row, UUID(of_import.id))
        if not draft.category_id and not row.other_account_id:
            draft.category_id = made_for(of_import, row)
        elif (draft.category_id, CATEGORY_KIND_OF.get(draft.kind, 0)) not in usable:
            draft.category_id = ""
        apply_rules(active, draft)
        drafts.append(draft)
    return drafts


def _become_duplicate(tx: WriteTx, of_import: Import, after: Import, row: ImportRow, match: ImportMatch) -> None:
    count(after.counts, row, -1)
    row.state = DUPLICATE
    row.match.CopyFrom(match)
    count(after.counts, row, 1)
    put_row(tx, UUID(of_import.id), row)


def require_processable(of_import: Import) -> None:
    """Whether rows of it may be imported."""
    if of_import.status == commands.NEEDS_ANSWERS:
        raise RuleBroken(ErrorReason.ERROR_REASON_IMPORT_NEEDS_ANSWERS, "The import asks something.")
    if of_import.status in {commands.REVERTING, commands.REVERTED}:
        raise RuleBroken(ErrorReason.ERROR_REASON_IMPORT_REVERTED, "The import was reverted.")
    if of_import.status == commands.FAILED:
        raise RuleBroken(ErrorReason.ERROR_REASON_IMPORT_FAILED, "The file cannot be read any more.")
