"""What is not brought back, and is nothing of it left behind?"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

import pytest

import proof
from files.desk import bring
from people import BookOf, Client, Person, make_book, new_id, sign_up
from rebuilding.journal import Saved, caller_of, save
from rpc.spaces.sharing import OWNER, share
from tallystick.app import App
from tallystick.errors import NotAllowed, NotVisible, RuleBroken
from tallystick.rebuilding.rebuilding import new_id_of
from tallystick.rebuilding.source import Revision
from tallystick.store.journal import Op
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.file_pb2 import File
from tallystick.v1.ledger_pb2 import Account, Transaction
from tallystick.v1.ledger_service_pb2 import CreateBookRequest
from tallystick.v1.space_pb2 import SpaceKind
from tallystick_client.v1 import ledger_labels_pb2, ledger_pb2, ledger_service_pb2

UNSOUND = ErrorReason.ERROR_REASON_RESTORE_UNSOUND
WOULD_LOSE = ErrorReason.ERROR_REASON_RESTORE_WOULD_LOSE


def place_of(saved: Saved, kind: str, op: Op = Op.PUT) -> int:
    return next(number for number, each in enumerate(saved.changes) if each.kind == kind and each.op == op)


def changed(
    saved: Saved, kind: str, message_type: type[Transaction] | type[Account] | type[File], **fields: object
) -> Saved:
    """With one message that says something else of its first entry, or of itself."""
    number = place_of(saved, kind)
    message = message_type.FromString(saved.changes[number].body)
    target = message.entries[0] if isinstance(message, Transaction) else message
    for name, value in fields.items():
        if name == "currency" and isinstance(message, Transaction):
            message.entries[0].amount.currency = str(value)
        else:
            setattr(target, name, value)
    return saved.forged(number, body=message.SerializeToString(deterministic=True))


def superseded(saved: Saved, was: bool, now: int | None) -> Saved:  # whether there is a later one
    number = next(i for i, each in enumerate(saved.changes) if (each.superseded_by is not None) == was)
    return saved.forged(number, superseded_by=now)


FORGERIES: dict[str, Callable[[Saved], Saved]] = {
    "an account that is not there": lambda saved: changed(saved, "transaction", Transaction, account_id=str(uuid4())),
    "another currency than the account's": lambda saved: changed(saved, "transaction", Transaction, currency="USD"),
    "a currency that nobody knows": lambda saved: changed(saved, "account", Account, currency="QQQQ"),
    "private to somebody else": lambda saved: changed(saved, "account", Account, private_to=str(uuid4())),
    "a file that is private to somebody else": lambda saved: changed(saved, "file", File, private_to=str(uuid4())),
    "another id": lambda saved: changed(saved, "account", Account, id=str(uuid4())),
    "another version": lambda saved: changed(saved, "account", Account, version=77),
    "superseded by nothing": lambda saved: superseded(saved, True, None),
    "superseded by something later": lambda saved: superseded(saved, True, saved.seq),
    "superseded after its end": lambda saved: superseded(saved, False, saved.seq + 1),
    "superseded before it was": lambda saved: superseded(saved, True, 0),
    "an unknown kind": lambda saved: saved.forged(0, kind="treasure"),
    "a kind of another space": lambda saved: saved.forged(place_of(saved, "account"), kind="expense"),
    "no message": lambda saved: saved.forged(place_of(saved, "account"), body=b"\xff\xff\xff"),
    "no book": lambda saved: replace(saved, changes=[each for each in saved.changes if each.kind != "book"]),
    "no account": lambda saved: replace(saved, changes=[each for each in saved.changes if each.kind != "account"]),
    "twice the same": lambda saved: replace(saved, changes=[*saved.changes, saved.changes[-1]]),
    "in another order": lambda saved: replace(saved, changes=saved.changes[::-1]),
    "after its own end": lambda saved: replace(saved, seq=saved.seq - 1),
    "another content": lambda saved: replace(saved, files=dict.fromkeys(saved.files, b"forged!")),
    "a home": lambda saved: replace(saved, kind=SpaceKind.SPACE_KIND_HOME),
}


@dataclass(frozen=True)
class Kept:
    """A book with a bit of everything that can be told wrong, and what was saved of it."""

    book: BookOf
    saved: Saved


async def keep(server: App, book: BookOf) -> Kept:
    file = await bring(book.person, book.id, b"receipt")
    await book.spend(250, attachment_ids=[file.id])
    await book.spend(100)
    tag = ledger_labels_pb2.CreateTagRequest(request_id=new_id(), book_id=book.id, name="x")
    tag_id = (await book.person.ledger.CreateTag(tag)).tag.id
    renamed = ledger_labels_pb2.UpdateTagRequest(request_id=new_id(), book_id=book.id, tag_id=tag_id, name="y")
    await book.person.ledger.UpdateTag(renamed)
    await book.spend(1)
    return Kept(book, await save(server, book.person, book.id))


@pytest.fixture(scope="module")
async def kept(server: App, client: Client) -> Kept:
    """One for all tests that leave nothing behind."""
    return await keep(server, await make_book(await sign_up(client, "Ann")))


@pytest.fixture
async def saved(server: App, book: BookOf) -> Saved:
    return (await keep(server, book)).saved


def stored(server: App) -> set[str]:
    root = server.files.storage._root  # type: ignore[attr-defined]  # tests keep files in a folder
    return {str(path) for path in root.glob("*/*/*")}


@pytest.mark.parametrize("name", FORGERIES)
async def test_what_contradicts_itself_leaves_nothing_behind(
    server: App, database: proof.Connection, kept: Kept, name: str
) -> None:
    forged, before, contents = FORGERIES[name](kept.saved), proof.count_rows(database), stored(server)
    with pytest.raises(RuleBroken) as refused:
        await server.rebuilding.into_new(
            caller_of(kept.book.person), CreateBookRequest(request_id=new_id()), forged, "", lambda _: None
        )
    assert refused.value.reason == UNSOUND
    assert proof.count_rows(database) == before
    assert stored(server) == contents


@pytest.mark.parametrize("name", ["an account that is not there", "an unknown kind", "no message"])
async def test_nor_does_it_in_the_place_of_what_is_there(
    server: App, database: proof.Connection, kept: Kept, name: str
) -> None:
    await kept.book.spend(999)
    forged, before = FORGERIES[name](kept.saved), proof.count_rows(database)
    with pytest.raises(RuleBroken) as refused:
        await server.rebuilding.over(
            caller_of(kept.book.person), CreateBookRequest(request_id=new_id()), forged, lambda _: None
        )
    assert refused.value.reason == UNSOUND
    assert proof.count_rows(database) == before


async def test_only_owners_put_a_book_back_and_nobody_else_knows_of_it(
    server: App, saved: Saved, book: BookOf, bob: Person, eve: Person
) -> None:
    await share(book.person, book.id, bob)
    with pytest.raises(NotAllowed):
        await server.rebuilding.over(caller_of(bob), CreateBookRequest(request_id=new_id()), saved, lambda _: None)
    with pytest.raises(NotVisible):
        await server.rebuilding.over(caller_of(eve), CreateBookRequest(request_id=new_id()), saved, lambda _: None)


async def test_what_only_another_member_sees_is_not_lost(
    server: App, database: proof.Connection, saved: Saved, book: BookOf, bob: Person
) -> None:
    await share(book.person, book.id, bob, OWNER)
    account = ledger_service_pb2.CreateAccountRequest(
        request_id=new_id(),
        book_id=book.id,
        name="Presents",
        type=ledger_pb2.AccountType.ACCOUNT_TYPE_CASH,
        currency="EUR",
        private=True,
    )
    await bob.ledger.CreateAccount(account)
    before = proof.count_rows(database)
    with pytest.raises(RuleBroken) as refused:
        await server.rebuilding.over(
            caller_of(book.person), CreateBookRequest(request_id=new_id()), saved, lambda _: None
        )
    assert refused.value.reason == WOULD_LOSE
    assert proof.count_rows(database) == before


@dataclass
class Stuck:
    """A source that comes to no end after some changes."""

    saved: Saved
    begun: asyncio.Event

    @property
    def space_id(self) -> UUID:
        return self.saved.space_id

    @property
    def kind(self) -> SpaceKind.ValueType:
        return self.saved.kind

    @property
    def seq(self) -> int:
        return self.saved.seq

    async def revisions(self) -> AsyncGenerator[Revision, None]:
        async for each in self.saved.revisions():
            yield each

    async def contents(self) -> AsyncGenerator[tuple[UUID, AsyncIterator[bytes]], None]:
        async for each in self.saved.contents():
            yield each
        self.begun.set()
        await asyncio.Event().wait()


@pytest.mark.parametrize("into_new", [True, False])
async def test_whoever_gives_up_in_the_middle_leaves_nothing(
    server: App, database: proof.Connection, saved: Saved, book: BookOf, into_new: bool
) -> None:
    await book.spend(321)
    before, kept = proof.count_rows(database), stored(server)
    stuck, request = Stuck(saved, asyncio.Event()), CreateBookRequest(request_id=new_id())
    caller = caller_of(book.person)
    doing = (
        server.rebuilding.into_new(caller, request, stuck, "", lambda _: None)
        if into_new
        else server.rebuilding.over(caller, request, stuck, lambda _: None)
    )
    task = asyncio.create_task(doing)
    await asyncio.wait_for(stuck.begun.wait(), 30)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert proof.count_rows(database) == before
    assert stored(server) == kept
    # The same request may begin anew.
    if into_new:
        rebuilt = await server.rebuilding.into_new(caller, request, saved, "", lambda _: None)
        assert rebuilt.space_id == new_id_of(caller.user_id, request)


async def test_two_at_once_with_one_request_are_one(server: App, saved: Saved, book: BookOf) -> None:
    caller, request = caller_of(book.person), CreateBookRequest(request_id=new_id())
    both = await asyncio.gather(
        *(server.rebuilding.into_new(caller, request, saved, "", lambda _: None) for _ in range(2))
    )
    assert both[0] == both[1]
    assert saved.reads == 1
    put_back = CreateBookRequest(request_id=new_id())
    again = await asyncio.gather(*(server.rebuilding.over(caller, put_back, saved, lambda _: None) for _ in range(2)))
    assert again[0] == again[1]
    assert saved.reads == 2


async def test_another_users_request_of_the_same_id_is_another_book(server: App, saved: Saved, book: BookOf) -> None:
    other = await sign_up(book.person.client, "Zoe")
    request = CreateBookRequest(request_id=new_id())
    assert new_id_of(UUID(other.user.id), request) != new_id_of(UUID(book.person.user.id), request)
