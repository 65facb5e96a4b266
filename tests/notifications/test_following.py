"""Is everything told once, whatever happens to whoever follows?"""

import asyncio
from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest

import proof
from circle import Circle
from inbox import GROUP_EXPENSES, MEMBERS, caught_up, delete, listed
from ledger.two_servers import Died
from people import BookOf, Person, make_book, new_id
from rpc.spaces.sharing import member_of, share
from tallystick.app import App
from tallystick.jobs.ticker import Ticker
from tallystick.notifications.following import job as follow_job
from tallystick.notifications.following import news
from tallystick.notifications.following.job import LEASE, PUT_OFF, NoticeFollow
from tallystick.notifications.following.reading import Reading
from tallystick.notifications.raising import Raising
from tallystick_client.v1.group_expenses_pb2 import BatchCreateExpensesRequest
from turned_clock import TurnedClock


async def with_bob(circle: Circle, bob: Person) -> list[str]:
    return [circle.owner_id, (await member_of(circle.person, circle.id, bob)).id]


def follower(server: App, raising: Raising | None = None) -> NoticeFollow:
    jobs = server.notifications
    return NoticeFollow(server.store, server.apart, jobs.follow._reading, raising or jobs.raising)


def followed(database: proof.Connection, space_id: str) -> tuple[int, int]:
    """How far the space was followed, and how far it is."""
    ((seq, head),) = database.execute(
        "SELECT followed_seq, seq FROM notice_follow JOIN space ON id = space_id WHERE space_id = %s", (UUID(space_id),)
    ).fetchall()
    return seq, head


async def test_a_new_space_is_followed_from_its_beginning(
    server: App, book: BookOf, ann: Person, bob: Person, database: proof.Connection
) -> None:
    """Also when the server has never looked at it."""
    await share(ann, book.id, bob)
    await caught_up(server)
    assert len(await listed(ann, MEMBERS)) == 1
    assert len(set(followed(database, book.id))) == 1


async def test_many_who_work_at_once_tell_everything_once(server: App, shared: Circle, bob: Person) -> None:
    both = await with_bob(shared, bob)
    for _ in range(5):
        for _ in range(3):
            await shared.spend(300, among=both)
        await asyncio.gather(*(follower(server).run() for _ in range(4)))
    assert len(await listed(bob, GROUP_EXPENSES)) == 15


async def test_what_the_user_deleted_meanwhile_is_not_told_again(
    server: App, shared: Circle, bob: Person, database: proof.Connection
) -> None:
    await shared.spend(300, among=await with_bob(shared, bob))
    await caught_up(server)
    (one,) = await listed(bob, GROUP_EXPENSES)
    await delete(bob, one.id)
    database.execute("UPDATE notice_follow SET followed_seq = 0 WHERE space_id = %s", (UUID(shared.id),))
    database.commit()
    await caught_up(server)
    assert await listed(bob, GROUP_EXPENSES) == []
    # It was not refused, which would hold up what comes after it.
    assert len(set(followed(database, shared.id))) == 1


class Dying(Raising):
    """Dies before, or after, it has told so much."""

    def __init__(self, server: App, left: int, *, dies_before: bool) -> None:
        super().__init__(server.store, server.apart)
        self._left = left
        self._dies_before = dies_before

    async def _tell(self, *arguments: Any) -> None:
        self._left -= 1
        if self._left < 0 and self._dies_before:
            raise Died
        await super()._tell(*arguments)
        if self._left < 0:
            raise Died


@pytest.mark.parametrize("told", range(4))
async def test_whoever_dies_holds_it_up_for_minutes_only(
    server: App, shared: Circle, bob: Person, eve: Person, clock: TurnedClock, told: int
) -> None:
    everybody = [*await with_bob(shared, bob), (await member_of(shared.person, shared.id, eve)).id]
    for number, dies_before in enumerate((True, False), 1):
        for _ in range(2):
            await shared.spend(300, among=everybody)
        with suppress(Died):
            await follower(server, Dying(server, told, dies_before=dies_before))._work([UUID(shared.id)])
        await caught_up(server)
        with clock.later(seconds=LEASE.total_seconds() + 1):
            await caught_up(server)
        for person in (bob, eve):
            assert len(await listed(person, GROUP_EXPENSES)) == 2 * number


async def test_a_long_journal_is_read_in_pages_of_whole_commits(
    server: App, shared: Circle, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = await with_bob(shared, bob)
    counts = [3, 5, 1, 4, 4]
    for many in counts:
        drafts = [shared.draft(300, among=both) for _ in range(many)]
        request = BatchCreateExpensesRequest(request_id=new_id(), group_id=shared.id, expenses=drafts)
        await shared.person.groups.BatchCreateExpenses(request)
    monkeypatch.setattr(news, "PAGE", 6)
    monkeypatch.setattr(follow_job, "PAGE", 6)
    await caught_up(server)
    assert [each.group_expenses.count for each in reversed(await listed(bob, GROUP_EXPENSES))] == counts


async def test_many_spaces_are_taken_some_at_a_time(
    server: App, ann: Person, bob: Person, database: proof.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow_job, "TAKEN_MAX", 2)
    books = [await make_book(ann) for _ in range(5)]
    for book in books:
        await share(ann, book.id, bob)
    await caught_up(server)
    assert len(await listed(ann, MEMBERS)) == 5
    assert all(len(set(followed(database, book.id))) == 1 for book in books)


async def test_one_space_s_failure_is_its_own(
    server: App,
    shared: Circle,
    book: BookOf,
    bob: Person,
    clock: TurnedClock,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    read = Reading.read

    async def fail(self: Reading, space_id: UUID, *rest: Any) -> Any:
        if str(space_id) == shared.id:
            raise ZeroDivisionError
        return await read(self, space_id, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(Reading, "read", fail)
        await shared.spend(300, among=await with_bob(shared, bob))
        await share(book.person, book.id, bob)
        await caught_up(server)
    assert len([line for line in capsys.readouterr().out.splitlines() if "notices_failed" in line]) == 1
    assert len(await listed(book.person, MEMBERS)) == 3
    assert await listed(bob, GROUP_EXPENSES) == []
    await caught_up(server)
    assert await listed(bob, GROUP_EXPENSES) == []
    with clock.later(seconds=PUT_OFF.total_seconds() + 1):
        await caught_up(server)
    assert len(await listed(bob, GROUP_EXPENSES)) == 1


async def test_one_home_s_failure_keeps_nothing_from_the_others(
    server: App, shared: Circle, bob: Person, eve: Person, clock: TurnedClock
) -> None:
    everybody = [*await with_bob(shared, bob), (await member_of(shared.person, shared.id, eve)).id]

    class Failing(Raising):
        async def _tell(self, home_id: UUID, notice: Any) -> None:
            if str(home_id) == bob.user.home_id:
                raise ConnectionError
            await super()._tell(home_id, notice)

    await shared.spend(300, among=everybody)
    await follower(server, Failing(server.store, server.apart)).run()
    assert (await listed(bob, GROUP_EXPENSES), len(await listed(eve, GROUP_EXPENSES))) == ([], 1)
    with clock.later(seconds=PUT_OFF.total_seconds() + 1):
        await caught_up(server)
    assert (len(await listed(bob, GROUP_EXPENSES)), len(await listed(eve, GROUP_EXPENSES))) == (1, 1)


async def test_a_book_in_which_only_money_moves_opens_nothing(
    server: App, book: BookOf, database: proof.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await caught_up(server)
    for _ in range(3):
        await book.spend()

    async def fail(*_: Any) -> Any:
        raise AssertionError("nothing in it is news")

    monkeypatch.setattr(Reading, "read", fail)
    await caught_up(server)
    seq, head = followed(database, book.id)
    assert seq == head


async def test_what_this_process_commits_is_told_within_moments(server: App, shared: Circle, bob: Person) -> None:
    both = await with_bob(shared, bob)
    async with follower(server).keeping_up.going_on():
        for number in range(1, 4):
            await shared.spend(300, among=both)
            async with asyncio.timeout(20):
                while len(await listed(bob, GROUP_EXPENSES)) < number:
                    await asyncio.sleep(0.01)


async def test_all_jobs_have_their_turns(server: App) -> None:
    ticker = Ticker(server.store.clock)
    server.notifications.schedule(ticker)
    names = {job.id for job in ticker._scheduler.get_jobs()}
    assert names >= {"remind", "look_at_spending", "tell_of_devices", "mail_digests", "forget_notifications"}
