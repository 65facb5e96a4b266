"""Is what a space ever was in a backup of it, to the byte, and nothing that its user does not see?"""

from typing import Any
from uuid import UUID

from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.json_format import Parse
from sqlalchemy import select

from people import BookOf, Person, make_book, new_id
from rebuilding.journal import caller_of
from rpc.backups.recorder import Recorder
from rpc.backups.vault import Vault
from rpc.spaces.sharing import EDITOR, share
from tallystick.app import App
from tallystick.backups.own.restores.lines import LineReader
from tallystick.exports.moment import open_body
from tallystick.rebuilding.source import Revision
from tallystick.store.journal import Op
from tallystick.store.own_work import own_snapshot
from tallystick.store.statements import prepare
from tallystick.store.tables import journal
from tallystick.v1.backup_history_pb2 import HistoryLine
from tallystick.v1.backup_service_pb2 import CreateBackupRequest
from tallystick_client.v1.ledger_accounts_pb2 import UpdateAccountRequest
from tallystick_client.v1.ledger_pb2 import AccountType, TransactionDraft
from tallystick_client.v1.ledger_service_pb2 import CreateAccountRequest
from tallystick_client.v1.ledger_transactions_pb2 import DeleteTransactionRequest, UpdateTransactionRequest


async def journal_of(server: App, space_id: str) -> list[Revision]:
    """All rows, as they are."""
    ordered = select(journal).where(journal.c.space_id == UUID(space_id)).order_by(journal.c.seq, journal.c.ordinal)
    names = [column.name for column in journal.columns]
    async with own_snapshot(server.store, UUID(space_id)) as tx:
        rows = [dict(zip(names, row, strict=True)) for row in await tx.fetch(prepare(ordered)())]
        return [
            Revision(
                row["seq"],
                row["ordinal"],
                row["entity_kind"],
                row["entity_id"],
                Op(row["op"]),
                tuple(row["fields"]),
                row["actor_id"],
                row["at"],
                row["superseded_by"],
                open_body(tx, row["seq"], row["ordinal"], row["entity_id"], row["body"]),
            )
            for row in rows
            if row["entity_kind"] != "invitation"
        ]


async def change_note(book: BookOf, transaction_id: str, note: str) -> None:
    await book.person.ledger.UpdateTransaction(
        UpdateTransactionRequest(
            request_id=new_id(),
            book_id=book.id,
            transaction_id=transaction_id,
            change=TransactionDraft(note=note),
            update_mask=FieldMask(paths=["note"]),
        )
    )


async def account(person: Person, book_id: str, name: str) -> Any:
    request = CreateAccountRequest(
        request_id=new_id(), book_id=book_id, name=name, type=AccountType.ACCOUNT_TYPE_CASH, currency="EUR"
    )
    return (await person.ledger.CreateAccount(request)).account


async def hide(person: Person, book_id: str, account_id: str) -> None:
    await person.ledger.UpdateAccount(
        UpdateAccountRequest(
            request_id=new_id(),
            book_id=book_id,
            account_id=account_id,
            private=True,
            update_mask=FieldMask(paths=["private"]),
        )
    )


async def test_a_history_is_the_journal_to_the_byte(vault: Vault, bob: Person, server: App, recorder: Recorder) -> None:
    book = await make_book(vault.person)
    await share(vault.person, book.id, bob, EDITOR)
    spent = (await book.spend(250)).transaction
    await change_note(book, spent.id, "wheat")
    await change_note(book, spent.id, "r\u00f6ggen \U0001f33e")
    await book.person.ledger.DeleteTransaction(
        DeleteTransactionRequest(
            request_id=new_id(), book_id=book.id, transaction_id=(await book.spend(99)).transaction.id
        )
    )
    backup = await vault.back_up()
    expected = await journal_of(server, book.id)
    await change_note(book, spent.id, "later than the backup")
    await vault.restore(vault.restoring(backup.id, book.id))
    recorded = recorder.only
    assert (recorded.space_id, recorded.seq) == (UUID(book.id), expected[-1].seq)
    assert recorded.revisions == expected
    assert len([each for each in expected if each.superseded_by is not None]) > 2


async def test_what_was_hidden_later_has_no_history(vault: Vault, bob: Person, server: App, recorder: Recorder) -> None:
    book = await make_book(bob)
    await share(bob, book.id, vault.person, EDITOR)
    open_once, shown = await account(bob, book.id, "Presents"), await account(bob, book.id, "Holidays")
    await hide(bob, book.id, open_once.id)
    backup = await vault.back_up()
    for name, part in (await vault.read(backup)).items():
        assert open_once.id.encode() not in part, name
    await vault.restore(vault.restoring(backup.id, book.id))
    ids = {each.entity_id for each in recorder.only.revisions}
    assert UUID(shown.id) in ids
    assert UUID(open_once.id) not in ids


async def test_what_is_changed_while_it_is_read_is_not_in_it(vault: Vault, server: App) -> None:
    book = await make_book(vault.person)
    spent = (await book.spend(250)).transaction
    expected = await journal_of(server, book.id)
    request = CreateBackupRequest()
    held = await server.own_backups.making._holdings.look(caller_of(vault.person), request)
    (space,) = [each for each in held if each.id == UUID(book.id)]
    await change_note(book, spent.id, "meanwhile")
    history = b"".join([piece async for piece in space.history()])
    assert LineReader(is_history=True).read_all(history.splitlines()) == expected


async def test_a_history_that_was_cut_shows(vault: Vault) -> None:
    book = await make_book(vault.person)
    lines = (await vault.read(await vault.back_up()))[f"history/{book.id}.jsonl"].splitlines()
    head, *between, tail = [Parse(line, HistoryLine()) for line in lines]
    assert (head.head.format_version, head.head.space_id) == (1, book.id)
    assert tail.tail.revisions == len(between) > 4
