"""Does the write door keep its promises when things go wrong under it?"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

import proof
from people import new_id
from tallystick.app import App
from tallystick.caller import Caller, KeyLimits
from tallystick.errors import Duplicate, InvalidInput, NotAllowed, NotVisible, TallystickError, Unavailable
from tallystick.ledger.accounts.commands import create_account
from tallystick.ledger.books.commands import create_book
from tallystick.ledger.tables import ACCOUNT
from tallystick.ledger.transactions import references
from tallystick.runtime.postgres import EmbeddedPostgres
from tallystick.runtime.roles import DATABASE
from tallystick.store.store import Store
from tallystick.store.tx import WriteTx
from tallystick.v1.identity_pb2 import AccessKeyScope
from tallystick.v1.ledger_pb2 import AccountType
from tallystick.v1.ledger_service_pb2 import (
    CreateAccountRequest,
    CreateAccountResponse,
    CreateBookRequest,
    CreateBookResponse,
    GetTransactionRequest,
)
from tallystick.v1.space_pb2 import SpaceKind


@dataclass(frozen=True)
class Owner:
    """A caller with a book of their own, at the door itself: no gate, no wire."""

    store: Store
    caller: Caller
    book_id: UUID

    def request(self, **other: str) -> CreateAccountRequest:
        usual = {"request_id": new_id(), "book_id": str(self.book_id), "name": "Cash", "currency": "EUR"}
        fields: dict[str, Any] = usual | other
        return CreateAccountRequest(type=AccountType.ACCOUNT_TYPE_CASH, **fields)

    async def write(
        self, request: CreateAccountRequest, command: Callable[..., Awaitable[Any]] = create_account
    ) -> CreateAccountResponse:
        return await self.store.write(self.caller, self.book_id, request, command, CreateAccountResponse)


@pytest.fixture
async def owner(server: App) -> Owner:
    return await make_owner(server)


@pytest.fixture
def database(postgres: EmbeddedPostgres) -> Any:
    with proof.connect(postgres.superuser_dsn, dbname=DATABASE) as connection:
        yield connection


async def test_write_stamps_every_change_of_a_commit_with_its_seq(owner: Owner, database: proof.Connection) -> None:
    before = proof.heads(database)[owner.book_id]
    answer = await owner.write(owner.request())
    assert answer.account.version == proof.heads(database)[owner.book_id] == before + 1
    proof.prove(database, owner.store.keys, owner.book_id)


async def test_write_answers_a_repeat_without_running_the_command(owner: Owner) -> None:
    request = owner.request()
    first = await owner.write(request)

    async def never(tx: WriteTx, request: CreateAccountRequest) -> CreateAccountResponse:
        raise AssertionError("the command ran again")

    assert await owner.write(request, never) == first


async def test_write_takes_no_seq_for_a_repeat(owner: Owner, database: proof.Connection) -> None:
    request = owner.request()
    await owner.write(request)
    head = proof.heads(database)[owner.book_id]
    await owner.write(request)
    assert proof.heads(database)[owner.book_id] == head


async def test_write_refuses_a_request_id_with_another_body_or_of_another_call(owner: Owner) -> None:
    request = owner.request()
    await owner.write(request)
    with pytest.raises(InvalidInput) as refused:
        await owner.write(owner.request(request_id=request.request_id, name="Other"))
    assert refused.value.reason_name == "REQUEST_ID_REUSED"


async def test_write_leaves_nothing_behind_when_the_command_fails(owner: Owner, database: proof.Connection) -> None:
    async def fail(tx: WriteTx, request: CreateAccountRequest) -> CreateAccountResponse:
        await create_account(tx, request)
        raise ZeroDivisionError

    before = proof.count_rows(database)
    with pytest.raises(ZeroDivisionError):
        await owner.write(owner.request(), fail)
    assert proof.count_rows(database) == before


async def test_write_runs_again_after_a_deadlock_and_keeps_one_effect(owner: Owner, database: proof.Connection) -> None:
    attempts = 0

    async def deadlock_once(tx: WriteTx, request: CreateAccountRequest) -> CreateAccountResponse:
        nonlocal attempts
        attempts += 1
        if attempts == 1:
            raise psycopg.errors.DeadlockDetected
        return await create_account(tx, request)

    answer = await owner.write(owner.request(), deadlock_once)
    assert attempts == 2
    assert answer.account.version == proof.heads(database)[owner.book_id]
    proof.prove(database, owner.store.keys, owner.book_id)


async def test_write_gives_up_after_some_attempts_and_says_when_to_try_again(owner: Owner) -> None:
    async def always(tx: WriteTx, request: CreateAccountRequest) -> CreateAccountResponse:
        raise psycopg.errors.SerializationFailure

    with pytest.raises(Unavailable) as refused:
        await owner.write(owner.request(), always)
    assert refused.value.reason_name == "DATABASE_UNAVAILABLE"
    assert refused.value.retry_after_s


async def test_write_cancelled_in_the_middle_leaves_nothing_and_no_broken_connection(
    owner: Owner, database: proof.Connection
) -> None:
    reading = asyncio.Event()

    async def wait_for_ever(tx: WriteTx, request: CreateAccountRequest) -> CreateAccountResponse:
        await create_account(tx, request)
        reading.set()
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    before = proof.count_rows(database)
    writing = asyncio.create_task(owner.write(owner.request(), wait_for_ever))
    await reading.wait()
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert proof.count_rows(database) == before
    await asyncio.gather(*(owner.write(owner.request()) for _ in range(40)))


async def test_batches_cancelled_at_any_moment_never_hand_their_rows_to_somebody_else(owner: Owner) -> None:
    """What is still on the wire of a cancelled batch must not be read as the answer of the next."""
    account = (await owner.write(owner.request())).account

    async def look() -> str:
        tx = owner.store.reader(owner.caller, owner.book_id, GetTransactionRequest())
        rows = await tx.fetch(references.ACCOUNTS(space_id=owner.book_id, ids=[UUID(account.id)]))
        return tx.require(ACCOUNT, [(row[0], row[1], row[2]) for row in rows]).id

    for turns in range(30):
        looking = asyncio.create_task(look())
        for _ in range(turns):
            await asyncio.sleep(0)
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
        assert await look() == account.id


async def test_write_is_closed_to_everybody_else_and_locks_nothing_for_them(
    owner: Owner, database: proof.Connection
) -> None:
    stranger = replace(owner, caller=Caller(uuid4(), uuid4(), None, "127.0.0.1"))
    before = proof.count_rows(database)
    with pytest.raises(NotVisible):
        await stranger.write(owner.request())
    assert proof.count_rows(database) == before


async def test_write_needs_the_role_that_the_contract_names(owner: Owner, database: proof.Connection) -> None:
    """A viewer reads and does not write. The rows are changed past the guards, as only a test may."""
    database.execute("ALTER TABLE member DISABLE TRIGGER USER")
    try:
        database.execute("UPDATE member SET role = 1 WHERE space_id = %s", (owner.book_id,))
    finally:
        database.execute("ALTER TABLE member ENABLE TRIGGER USER")
    with pytest.raises(NotAllowed) as refused:
        await owner.write(owner.request())
    assert (refused.value.reason_name, refused.value.metadata["needed"]) == ("ROLE_TOO_LOW", "ROLE_EDITOR")


async def test_an_access_key_does_not_see_books_that_it_was_not_made_for(owner: Owner) -> None:
    limits = KeyLimits(frozenset({uuid4()}), AccessKeyScope.ACCESS_KEY_SCOPE_WRITE)
    narrow = replace(owner, caller=replace(owner.caller, key_limits=limits))
    with pytest.raises(NotVisible):
        await narrow.write(owner.request())
    with pytest.raises(NotVisible):
        owner.store.reader(narrow.caller, owner.book_id, GetTransactionRequest())


async def test_add_of_an_id_that_is_taken_is_a_duplicate(owner: Owner) -> None:
    taken = (await owner.write(owner.request())).account.id
    with pytest.raises(Duplicate) as refused:
        await owner.write(owner.request(account_id=taken))
    assert refused.value.reason_name == "ID_TAKEN"


async def test_32_writers_of_one_space_take_one_seq_each(owner: Owner, database: proof.Connection) -> None:
    before = proof.heads(database)[owner.book_id]
    answers = await asyncio.gather(*(owner.write(owner.request()) for _ in range(32)))
    assert sorted(answer.account.version for answer in answers) == list(range(before + 1, before + 33))
    proof.prove(database, owner.store.keys, owner.book_id)


async def test_one_connection_serves_many_spaces_without_mixing_them(server: App, owner: Owner) -> None:
    """What a transaction sets is local to it: the next one on the connection sees its own space or nothing."""
    others = [await make_owner(server) for _ in range(7)]
    answers = await asyncio.gather(*(one.write(one.request()) for one in (owner, *others) for _ in range(12)))
    assert {answer.account.book_id for answer in answers} == {str(one.book_id) for one in (owner, *others)}
    async with server.store.connection() as connection:
        left = await connection.execute("SELECT current_setting('tallystick.space', true), current_user")
        row = await left.fetchone()
    assert row == ("", "tallystick_app")


@pytest.mark.parametrize(
    "failure", [psycopg.errors.AdminShutdown, psycopg.OperationalError, psycopg.errors.TooManyConnections]
)
async def test_a_database_that_is_away_is_unavailable_and_no_fault(
    owner: Owner, failure: type[psycopg.OperationalError]
) -> None:
    async def lose(tx: WriteTx, request: CreateAccountRequest) -> CreateAccountResponse:
        raise failure

    with pytest.raises(TallystickError) as refused:
        await owner.write(owner.request(), lose)
    assert refused.value.reason_name == "DATABASE_UNAVAILABLE"


async def test_a_fault_of_ours_in_sql_is_not_taken_for_an_absent_database(owner: Owner) -> None:
    async def break_protocol(tx: WriteTx, request: CreateAccountRequest) -> CreateAccountResponse:
        raise psycopg.errors.ProtocolViolation

    with pytest.raises(psycopg.errors.ProtocolViolation):
        await owner.write(owner.request(), break_protocol)


async def make_owner(server: App) -> Owner:
    user, book = uuid4(), uuid4()
    caller = Caller(user, uuid4(), None, "127.0.0.1")
    request = CreateBookRequest(request_id=new_id(), name="Home", base_currency="EUR")
    await server.store.found(caller, SpaceKind.SPACE_KIND_BOOK, book, "Ann", request, create_book, CreateBookResponse)
    return Owner(server.store, caller, book)
