"""Does a snapshot keep one state of a space, and leave its connection as it found it?"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from uuid import uuid4

import pytest
from sqlalchemy import Uuid, bindparam, literal, select

from sample_book import SampleBook, make_book
from tallystick.app import App
from tallystick.caller import Caller
from tallystick.errors import NotAllowed, NotVisible
from tallystick.ledger.tables import transaction
from tallystick.store.members import add_member
from tallystick.store.statements import prepare
from tallystick.store.tx import Snapshot, WriteTx
from tallystick.v1.ledger_service_pb2 import CreateAccountRequest, CreateAccountResponse, ListTransactionsRequest
from tallystick.v1.role_pb2 import Role

IDS = prepare(
    select(transaction.c.id)
    .where(transaction.c.space_id == bindparam("space_id", type_=Uuid))
    .order_by(transaction.c.id)
)
ROWS = 10


@pytest.fixture
async def filled(server: App) -> SampleBook:
    made = await make_book(server.store)
    await made.spend_often(ROWS)
    return made


@pytest.fixture
async def snapshot(filled: SampleBook) -> AsyncIterator[Snapshot]:
    async with filled.store.reader(filled.caller, filled.space_id, ListTransactionsRequest()).snapshot() as opened:
        yield opened


async def ids_in(snapshot: Snapshot) -> list[object]:
    return [row_id for (row_id,) in await snapshot.fetch(IDS(space_id=snapshot.space_id))]


async def test_a_snapshot_is_one_state_also_while_the_space_changes(filled: SampleBook, snapshot: Snapshot) -> None:
    before = await ids_in(snapshot)
    slices = snapshot.slices(IDS(space_id=snapshot.space_id), 3)
    first = await anext(slices)
    await filled.spend(1)
    rest = [row for rows in [rows async for rows in slices] for row in rows]
    assert [row_id for (row_id,) in [*first, *rest]] == await ids_in(snapshot) == before
    assert len(before) == ROWS
    async with filled.store.reader(filled.caller, filled.space_id, ListTransactionsRequest()).snapshot() as later:
        assert len(await ids_in(later)) == ROWS + 1


@pytest.mark.parametrize("size", [1, 3, 5, ROWS - 1, ROWS, ROWS + 1])
async def test_slices_are_all_rows_in_their_order(snapshot: Snapshot, size: int) -> None:
    slices = [rows async for rows in snapshot.slices(IDS(space_id=snapshot.space_id), size)]
    assert [len(rows) for rows in slices[:-1]] == [size] * (len(slices) - 1)
    assert [row_id for rows in slices for (row_id,) in rows] == await ids_in(snapshot)


async def test_slices_of_nothing_are_none(snapshot: Snapshot) -> None:
    assert [rows async for rows in snapshot.slices(IDS(space_id=uuid4()), 3)] == []


async def test_slices_that_are_left_early_do_not_disturb_what_comes_after(snapshot: Snapshot) -> None:
    async with aclosing(snapshot.slices(IDS(space_id=snapshot.space_id), 2)) as slices:
        async for rows in slices:
            assert len(rows) == 2
            break
    assert len(await ids_in(snapshot)) == ROWS


async def test_several_walks_and_queries_share_one_connection(snapshot: Snapshot) -> None:
    async def walk(size: int) -> int:
        return sum([len(rows) async for rows in snapshot.slices(IDS(space_id=snapshot.space_id), size)])

    assert list(await asyncio.gather(walk(1), walk(2), walk(3))) == [ROWS, ROWS, ROWS]
    assert len(await ids_in(snapshot)) == ROWS


async def make_viewer(book: SampleBook) -> Caller:
    viewer = Caller(uuid4(), uuid4(), None, "127.0.0.1")

    async def add(tx: WriteTx, request: CreateAccountRequest) -> CreateAccountResponse:
        add_member(tx, viewer.user_id, "Vic", Role.ROLE_VIEWER)
        return CreateAccountResponse()

    request = CreateAccountRequest(request_id=str(uuid4()))
    await book.store.write(book.caller, book.space_id, request, add, CreateAccountResponse)
    return viewer


async def test_queries_that_are_not_kept_prepared_may_share_a_batch(snapshot: Snapshot) -> None:
    one, two = prepare(select(literal(1)), is_kept=False), prepare(select(literal(1), literal(2)), is_kept=False)
    for _ in range(2):
        assert await snapshot.fetch_all(one(), two(), one()) == [[(1,)], [(1, 2)], [(1,)]]


@pytest.mark.parametrize("fault", [None, RuntimeError, asyncio.CancelledError])
async def test_a_snapshot_gives_its_connection_back_however_it_ends(
    filled: SampleBook, fault: type[BaseException] | None
) -> None:
    async def look() -> None:
        reader = filled.store.reader(filled.caller, filled.space_id, ListTransactionsRequest())
        async with reader.snapshot() as opened, aclosing(opened.slices(IDS(space_id=opened.space_id), 1)) as slices:
            async for _ in slices:
                if fault is not None:
                    raise fault

    for _ in range(20):
        # More often than there are connections.
        try:
            await look()
        except (RuntimeError, asyncio.CancelledError) as ended:
            assert type(ended) is fault
    assert len(await filled.newest()) == ROWS


async def test_a_walk_that_is_cut_off_while_it_waits_leaves_no_broken_connection_behind(filled: SampleBook) -> None:
    async def walk() -> None:
        async with filled.store.reader(filled.caller, filled.space_id, ListTransactionsRequest()).snapshot() as opened:
            async for _ in opened.slices(IDS(space_id=opened.space_id), 1):
                pass

    for pauses in range(40):
        task = asyncio.create_task(walk())
        for _ in range(pauses):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert len(await filled.newest()) == ROWS


async def test_a_snapshot_is_for_whoever_may_make_the_request_there(filled: SampleBook) -> None:
    stranger = Caller(uuid4(), uuid4(), None, "127.0.0.1")
    with pytest.raises(NotVisible):
        async with filled.store.reader(stranger, filled.space_id, ListTransactionsRequest()).snapshot():
            pass
    viewer = await make_viewer(filled)
    async with filled.store.reader(viewer, filled.space_id, ListTransactionsRequest()).snapshot() as opened:
        assert len(await ids_in(opened)) == ROWS
    with pytest.raises(NotAllowed):
        async with filled.store.reader(viewer, filled.space_id, CreateAccountRequest()).snapshot():
            pass
