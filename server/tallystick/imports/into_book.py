"""How do rows come into a book, and how are they taken out again?"""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from tallystick.errors import TallystickError
from tallystick.imports.all_but import AT, do_all_but
from tallystick.imports.categories import made_for, remove_categories
from tallystick.imports.commands import become_duplicate, fail_row
from tallystick.imports.profiles import remember
from tallystick.imports.queries import BY_IMPORT_ID, MADE, WRITTEN
from tallystick.imports.rows import IMPORT, draft_of
from tallystick.ledger.accounts.queries import LIVE_ACCOUNTS
from tallystick.ledger.books.queries import get_book_name
from tallystick.ledger.categories.queries import CATEGORIES
from tallystick.ledger.filling.queries import list_active
from tallystick.ledger.filling.rules_matching import apply_rules
from tallystick.ledger.tables import ACCOUNT, CATEGORY, TRANSACTION, import_id_of
from tallystick.ledger.transactions.recording import record as record_drafts
from tallystick.ledger.transactions.removing import remove
from tallystick.ledger.transactions.rules import CATEGORY_KIND_OF
from tallystick.store.tx import ReadTx, WriteTx
from tallystick.v1.import_pb2 import Import
from tallystick.v1.import_rows_pb2 import ImportRow
from tallystick.v1.ledger_pb2 import Transaction, TransactionDraft


async def get_name(tx: ReadTx) -> str:
    return await get_book_name(tx)


async def begin(tx: WriteTx, before: Import, after: Import) -> None:
    """What was answered is remembered for the next file like this one."""
    accounts = [
        tx.open(ACCOUNT, (row[0], row[1], row[2])) for row in await tx.fetch(LIVE_ACCOUNTS(space_id=tx.space_id))
    ]
    await remember(tx, after, {each.id for each in accounts if each.private_to})


async def record(tx: WriteTx, of_import: Import, after: Import, rows: Sequence[ImportRow]) -> int:
    """Records what can be recorded, and returns how many that was. What cannot is said of its row."""

    def say_where_from(transaction: Transaction) -> None:
        transaction.import_id = of_import.id

    async def record_all(paired: Sequence[tuple[ImportRow, TransactionDraft]]) -> None:
        drafts = [draft for _, draft in paired]
        await record_drafts(tx, drafts, reimport_deleted=True, complete=say_where_from, at=AT)

    def say_why_not(one: tuple[ImportRow, TransactionDraft], wrong: TallystickError) -> None:
        fail_row(tx, after, one[0], wrong)

    left = await _without_late(tx, after, rows)
    drafts = await _compose_drafts(tx, of_import, left)
    return len(await do_all_but(zip(left, drafts, strict=True), record_all, say_why_not))


async def _without_late(tx: WriteTx, after: Import, rows: Sequence[ImportRow]) -> list[ImportRow]:
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
            become_duplicate(tx, after, row, str(held))
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


async def finish(tx: WriteTx, before: Import, after: Import) -> None:
    """A book says nothing of its balances in a file."""


async def revert(tx: WriteTx, after: Import, ids: Sequence[UUID]) -> None:
    """Deletes transactions, but for what somebody has changed since, or something else needs. What is deleted already was deleted by
    somebody else, and is neither reverted nor kept."""
    found, written = await tx.fetch_all(MADE(space_id=tx.space_id, ids=ids), WRITTEN(space_id=tx.space_id, ids=ids))
    times: dict[UUID, int] = dict(written)
    live = [row for row in found if row[3] is None]
    untouched = [tx.open(TRANSACTION, (row[0], row[1], row[2])) for row in live if times[row[0]] == 1]
    removed = await do_all_but(untouched, partial(remove, tx, at=AT))
    after.counts.reverted += len(removed)
    after.counts.kept += len(live) - len(removed)


async def clear(tx: WriteTx, before: Import) -> None:
    """With the categories that it made, as far as nobody has changed or used them."""
    await remove_categories(tx, before)
