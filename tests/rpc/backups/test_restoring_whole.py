"""Does all that somebody has come back from their own backup: beside what is there, over it, and on a server that knows nothing of them?"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest

from backups.golden.make_own import FOLDER, figures_of_book, figures_of_group
from backups.household import Household, copied, cursor_of, settle_in
from files.desk import bring, content_of, delete
from people import Client, Person, new_id, read_refusal
from rpc.backups.vault import Vault, connect
from rpc.files.test_proving import differences
from tallystick_client.v1.backup_pb2 import Backup
from tallystick_client.v1.backup_restore_pb2 import Restored, RestoreMode
from tallystick_client.v1.group_balances_pb2 import VerifyGroupRequest
from tallystick_client.v1.ledger_accounts_pb2 import ListAccountsRequest
from tallystick_client.v1.ledger_pb2 import AccountType
from tallystick_client.v1.ledger_proof_pb2 import VerifyBookRequest
from tallystick_client.v1.ledger_service_pb2 import CreateAccountRequest, ListTransactionsRequest
from tallystick_client.v1.ledger_service_pb2_grpc import LedgerServiceStub
from tallystick_client.v1.ledger_transactions_pb2 import DeleteTransactionRequest, ListTransactionHistoryRequest
from tallystick_client.v1.space_pb2 import SpaceKind
from tallystick_client.v1.sync_pb2 import ResetReason
from tallystick_client.v1.sync_service_pb2 import PullRequest

BOOK, GROUP = SpaceKind.SPACE_KIND_BOOK, SpaceKind.SPACE_KIND_GROUP
REPLACE = RestoreMode.RESTORE_MODE_REPLACE
SMALL_BYTES = 5000
GOLDEN = sorted(FOLDER.glob("own-*.tally"))


@dataclass
class Kept:
    """A household of which Ann has made a backup."""

    home: Household
    vault: Vault
    backup: Backup

    async def restore(self, space_id: str, **other: Any) -> Restored:
        return await self.vault.restore(self.vault.restoring(self.backup.id, space_id, **other))


@pytest.fixture
async def kept(client: Client, drive: Any) -> Kept:
    home = await settle_in(client, content_of(SMALL_BYTES))
    vault = await connect(home.ann, drive)
    return Kept(home, vault, await vault.back_up())


async def proven(person: Person, kind: SpaceKind.ValueType, space_id: str) -> list[Any]:
    """What differs in a space."""
    if kind == GROUP:
        return await differences(person.proofs.VerifyGroup(VerifyGroupRequest(group_id=space_id)))
    stub: Any = LedgerServiceStub(person.channel)
    return await differences(stub.VerifyBook(VerifyBookRequest(book_id=space_id), metadata=person.metadata))


async def figures_of(person: Person, kind: SpaceKind.ValueType, space_id: str) -> Mapping[str, Any]:
    return await (figures_of_group if kind == GROUP else figures_of_book)(person, space_id)


async def notes_of(person: Person, book_id: str) -> list[list[tuple[str, bool]]]:
    """What each transaction of a book ever said, the newest first."""
    found = []
    listed = await person.ledger.ListTransactions(ListTransactionsRequest(book_id=book_id, page_size=200))
    for each in listed.transactions:
        asked = ListTransactionHistoryRequest(book_id=book_id, transaction_id=each.id)
        revisions = (await person.ledger.ListTransactionHistory(asked)).revisions
        found.append([(revision.transaction.note, revision.deleted) for revision in revisions])
    return sorted(found)


async def test_a_book_and_a_group_come_back_beside_what_is_there(kept: Kept) -> None:
    ann = kept.home.ann
    for kind, space_id in ((BOOK, kept.home.book.id), (GROUP, kept.home.circle.id)):
        was = await figures_of(ann, kind, space_id)
        restored = await kept.restore(space_id)
        assert restored.kind == kind
        assert restored.space_id != space_id
        assert await figures_of(ann, kind, restored.space_id) == was == await figures_of(ann, kind, space_id)
        assert await proven(ann, kind, restored.space_id) == []
        if kind == BOOK:
            assert await notes_of(ann, restored.space_id) == await notes_of(ann, space_id)
    # It is hers alone.
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await figures_of(kept.home.bob, GROUP, restored.space_id)
    assert read_refusal(refused.value).reason == "NOT_FOUND"


async def test_a_book_comes_back_over_what_became_of_it(kept: Kept) -> None:
    home = kept.home
    ann, book = home.ann, home.book
    was, notes = await figures_of_book(ann, book.id), await notes_of(ann, book.id)
    cursor, _ = await cursor_of(home.bob, book.id)
    await destroy(kept)
    assert await figures_of_book(ann, book.id) != was
    restored = await kept.restore(book.id, mode=REPLACE)
    assert restored.space_id == book.id
    assert await figures_of_book(ann, book.id) == was
    assert await proven(ann, BOOK, book.id) == []
    assert len(await notes_of(ann, book.id)) == len(notes)
    pages = [page async for page in home.bob.streams.Pull(PullRequest(space_id=book.id, cursor=cursor))]
    assert pages[0].reset == ResetReason.RESET_REASON_EPOCH
    assert len(await copied(home.bob, book.id)) > 0
    # And back again, to what it was before.
    (safety_id,) = restored.safety_backup_ids
    before = await figures_of_book(ann, restored.space_id)
    again = await kept.vault.restore(kept.vault.restoring(safety_id, book.id, mode=REPLACE))
    assert again.space_id == book.id
    assert await figures_of_book(ann, book.id) != before
    assert await proven(ann, BOOK, book.id) == []


async def destroy(kept: Kept) -> None:
    """What somebody does who wishes they had not."""
    book = kept.home.book
    listed = await kept.home.ann.ledger.ListTransactions(ListTransactionsRequest(book_id=book.id, page_size=200))
    for each in listed.transactions[:3]:
        await kept.home.ann.ledger.DeleteTransaction(
            DeleteTransactionRequest(request_id=new_id(), book_id=book.id, transaction_id=each.id)
        )
    await book.spend(99_999)
    await delete(kept.home.ann, await bring(kept.home.ann, book.id, b"later"))


async def test_a_group_comes_back_over_what_became_of_it(kept: Kept) -> None:
    ann, circle = kept.home.ann, kept.home.circle
    was = await figures_of_group(ann, circle.id)
    await circle.spend(77_000)
    await kept.restore(circle.id, mode=REPLACE)
    assert await figures_of_group(ann, circle.id) == was
    assert await proven(ann, GROUP, circle.id) == []


async def test_what_others_have_alone_is_not_lost(kept: Kept) -> None:
    home = kept.home
    hidden = CreateAccountRequest(
        request_id=new_id(),
        book_id=home.book.id,
        name="Bob's",
        type=AccountType.ACCOUNT_TYPE_CASH,
        currency="EUR",
        private=True,
    )
    await home.bob.ledger.CreateAccount(hidden)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await kept.restore(home.book.id, mode=REPLACE)
    assert read_refusal(refused.value).reason == "RESTORE_WOULD_LOSE"
    accounts = await home.bob.ledger.ListAccounts(ListAccountsRequest(book_id=home.book.id))
    assert "Bob's" in {each.name for each in accounts.accounts}
    # Beside it nothing is lost.
    assert (await kept.restore(home.book.id)).space_id != home.book.id


async def test_a_repeat_makes_no_second_space(kept: Kept) -> None:
    request = kept.vault.restoring(kept.backup.id, kept.home.book.id, name="As it was")
    first = await kept.vault.restore(request)
    assert await kept.vault.restore(request) == first


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
async def test_the_server_is_lost(ann: Person, path: Path) -> None:
    """The archive was made on a server with another database and another keyring, by somebody whom this one does not know. Ann has
    downloaded it from her Drive, and signs up anew."""
    expected = json.loads(path.with_suffix(".json").read_text())
    file = await bring(ann, ann.user.home_id, path.read_bytes())
    vault = Vault(ann, None, "")  # type: ignore[arg-type]  # she has none here
    for kind, name in ((BOOK, "book"), (GROUP, "group")):
        request = vault.restoring("", expected[f"{name}_id"], passphrase=expected["passphrase"])
        request.file_id = file.id
        restored = await vault.restore(request)
        assert await figures_of(ann, kind, restored.space_id) == expected[name]
        assert await proven(ann, kind, restored.space_id) == []
