"""Books keep up with their groups: everything once, whatever happens to whoever works on it."""

import asyncio
from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest

from circle import Circle, money, paid_by
from ledger.two_servers import Died
from linked import ACTIVE, ENDED, Linked, make_linked
from people import Person, new_id
from rpc.spaces.sharing import EDITOR, VIEWER, member_of, share
from rpc.spaces.sharing import update as update_member
from tallystick.app import App
from tallystick.groups import queries_following
from tallystick.ledger.links import following, writes
from tallystick.ledger.links import job as follow_job
from tallystick.ledger.links.job import LEASE, LOOK_AGAIN, PUT_OFF, FollowJob
from tallystick.store.apart import Apart
from tallystick.store.store import Store
from tallystick_client.v1 import (
    group_expenses_pb2,
    group_members_pb2,
    group_pb2,
    ledger_books_pb2,
    space_service_pb2,
)
from turned_clock import TurnedClock


@pytest.fixture
async def linked(ann: Person, server: App) -> Linked:
    return await make_linked(ann, server)


async def batch(circle: Circle, many: int, minor: int = 300) -> None:
    """So many expenses in one commit."""
    request = group_expenses_pb2.BatchCreateExpensesRequest(
        request_id=new_id(), group_id=circle.id, expenses=[circle.draft(minor) for _ in range(many)]
    )
    await circle.person.groups.BatchCreateExpenses(request)


async def version_of(linked: Linked) -> int:
    """How many commits the book has seen."""
    request = space_service_pb2.GetSpaceRequest(space_id=linked.book.id)
    return int((await linked.person.spaces.GetSpace(request)).space.head)


async def test_a_late_link_catches_up_in_few_commits(linked: Linked) -> None:
    for _ in range(3):
        await batch(linked.circle, 100)
    before = await version_of(linked)
    await linked.caught_up()
    assert len(await linked.transactions()) == 600
    assert (await linked.receivables(), await linked.spent()) == ({"EUR": 60000}, {"EUR": 30000})
    assert await version_of(linked) == before + 3
    assert await linked.follow() == 0
    assert await version_of(linked) == before + 3


async def test_one_commit_of_the_group_may_take_several_of_the_book(
    linked: Linked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow_job, "ITEMS_MAX", 4)
    await linked.circle.spend(600)
    await batch(linked.circle, 10)
    await linked.circle.spend(600)
    await linked.caught_up()
    assert await linked.spent() == {"EUR": 1400}


async def test_a_long_journal_is_read_in_pages_of_whole_commits(
    linked: Linked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries_following, "PAGE", 6)
    monkeypatch.setattr(follow_job, "ITEMS_MAX", 3)
    first = await linked.circle.spend(600)
    for many in (3, 5, 1, 4, 4):
        await batch(linked.circle, many)
    await linked.call("DeleteExpense", first.id)
    await linked.caught_up()
    assert await linked.spent() == {"EUR": 1700}


async def test_many_who_work_at_once_make_everything_once(linked: Linked, server: App) -> None:
    for _ in range(10):
        await batch(linked.circle, 3)
        await asyncio.gather(*(FollowJob(server.store, server.apart).run() for _ in range(4)))
    await linked.caught_up()
    assert len(await linked.transactions()) == 60


async def test_the_same_step_twice_at_once_is_done_once(linked: Linked, server: App) -> None:
    """As after a lease that ran out while its holder was only slow."""
    await batch(linked.circle, 10)
    leased = [await lease_of(linked, server) for _ in range(2)]
    jobs = [FollowJob(server.store, server.apart) for _ in leased]
    await asyncio.gather(*(job._work_off(each) for job, each in zip(jobs, leased, strict=True)))
    await linked.require_even()
    assert len(await linked.transactions()) == 20


class Slow(FollowJob):
    """Reads, and writes what it has read only when it is told to."""

    def __init__(self, store: Store, apart: Apart) -> None:
        super().__init__(store, apart)
        self.has_read, self.may_write = asyncio.Event(), asyncio.Event()

    async def _step(self, *arguments: Any) -> Any:
        self.has_read.set()
        await self.may_write.wait()
        return await super()._step(*arguments)


async def test_who_comes_late_does_not_put_back_how_far_the_book_is(linked: Linked, server: App) -> None:
    """With nothing to write but that."""
    slow = Slow(server.store, server.apart)
    working = asyncio.create_task(slow._work_off(await lease_of(linked, server)))
    await slow.has_read.wait()
    await linked.circle.spend(600)
    await FollowJob(server.store, server.apart)._work_off(await lease_of(linked, server))
    slow.may_write.set()
    await working
    await linked.require_even()


async def test_who_comes_late_does_not_put_back_what_has_changed_since(linked: Linked, server: App) -> None:
    # With the accounts there, the link stays as both have read it.
    expense = await linked.circle.spend(300)
    await linked.caught_up()
    await linked.change(expense.id, amount=money(9000), payers=paid_by(**{linked.circle.owner_id: 9000}))
    slow = Slow(server.store, server.apart)
    working = asyncio.create_task(slow._work_off(await lease_of(linked, server)))
    await slow.has_read.wait()
    await linked.change(expense.id, amount=money(600), payers=paid_by(**{linked.circle.owner_id: 600}))
    await FollowJob(server.store, server.apart)._work_off(await lease_of(linked, server))
    assert await linked.spent() == {"EUR": 200}
    slow.may_write.set()
    await working
    await linked.require_even()
    assert await linked.spent() == {"EUR": 200}


async def test_a_step_whose_answer_was_lost_is_answered_again(
    linked: Linked, server: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    await linked.circle.spend(9000)
    asked: list[tuple[Any, ...]] = []
    write = Store.write

    async def remember(*arguments: Any, **options: Any) -> Any:
        asked.append((arguments, options))
        return await write(*arguments, **options)

    monkeypatch.setattr(Store, "write", remember)
    await linked.follow()
    monkeypatch.undo()
    arguments, options = next((a, o) for a, o in asked if a[2] == UUID(linked.book.id))
    before = await version_of(linked)
    again = await write(*arguments, **options)
    assert (again.link.id, await version_of(linked)) == (linked.link.id, before)


async def lease_of(linked: Linked, server: App) -> Any:
    book_id, link_id, group_id = UUID(linked.book.id), UUID(linked.link.id), UUID(linked.circle.id)
    until = server.store.clock.now() + LEASE
    return follow_job._Leased(book_id, link_id, group_id, UUID(linked.person.user.id), 0, until)


@pytest.mark.parametrize("steps", range(5))
async def test_whoever_dies_holds_it_up_for_minutes_only(
    linked: Linked, server: App, clock: TurnedClock, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    """Killed after so many steps, before and after the commit of the last one."""
    monkeypatch.setattr(follow_job, "ITEMS_MAX", 2)
    await batch(linked.circle, 3)
    await linked.circle.spend(600)
    await batch(linked.circle, 3)
    for dies_before in (True, False):
        dying = Dying(server.store, server.apart, steps, dies_before=dies_before)
        with suppress(Died):
            await dying.run()
        await linked.follow()
        with clock.later(seconds=LEASE.total_seconds() + 1):
            await linked.follow()
        await linked.require_even()
        await linked.circle.spend(300)
        await batch(linked.circle, 5)
    await linked.caught_up()
    assert await linked.spent() == {"EUR": 200 + 600 + 12 * 100}


class Dying(FollowJob):
    """Dies at one of its steps."""

    def __init__(self, store: Store, apart: Apart, steps: int, *, dies_before: bool) -> None:
        super().__init__(store, apart)
        self._left = steps
        self._dies_before = dies_before

    async def _step(self, *arguments: Any) -> Any:
        self._left -= 1
        if self._left < 0 and self._dies_before:
            raise Died
        answer = await super()._step(*arguments)
        if self._left < 0:
            raise Died
        return answer


class Busy(FollowJob):
    """While it works on a book, the group goes on."""

    def __init__(self, linked: Linked) -> None:
        super().__init__(linked.server.store, linked.server.apart)
        self._linked = linked
        self.worked_on: list[str] = []

    async def _work_off(self, leased: Any) -> None:
        await super()._work_off(leased)
        self.worked_on.append(str(leased.link_id))
        await self._linked.circle.spend(300)


async def test_what_is_behind_again_waits_until_all_others_had_their_turn(linked: Linked, bob: Person) -> None:
    """Otherwise every expense would be a commit of its own in the book while a group is busy."""
    await share(linked.person, linked.circle.id, bob)
    other = await make_linked(bob, linked.server, linked.circle)
    await linked.circle.spend(600)
    busy = Busy(linked)
    assert await busy._run(writes.LEASE_ANY, is_once=True) == 2
    assert sorted(busy.worked_on) == sorted([linked.link.id, other.link.id])
    await linked.caught_up()


async def test_who_leaves_takes_what_came_before_along_and_nothing_after(linked: Linked, bob: Person) -> None:
    await share(linked.person, linked.circle.id, bob)
    other = await make_linked(bob, linked.server, linked.circle)
    expense = await linked.circle.spend(9000, among=[linked.circle.owner_id, other.link.member_id])
    leave = group_members_pb2.LeaveGroupRequest(
        request_id=new_id(), group_id=linked.circle.id, settled=group_members_pb2.SettledOnLeaving()
    )
    await bob.groups.LeaveGroup(leave)
    await linked.change(expense.id, description="Supper")
    await linked.circle.spend(600)
    await other.follow()
    ended = (await other.get()).link
    assert (ended.state, ended.problem) == (ENDED, "NOT_FOUND")
    assert (await other.receivables(), await other.spent()) == ({}, {"EUR": 4500})
    assert {each.note for each in await other.transactions() if each.followed_id == expense.id} == {"Dinner"}
    await linked.caught_up()
    assert await other.follow() == 0


async def test_a_deleted_group_waits_until_it_comes_back(linked: Linked) -> None:
    await linked.circle.spend(9000)
    named = {"group_id": linked.circle.id}
    await linked.person.groups.DeleteGroup(group_pb2.DeleteGroupRequest(request_id=new_id(), **named))
    assert await linked.follow() == 0
    assert (await linked.get()).link.state == ACTIVE
    await linked.person.groups.RestoreGroup(group_pb2.RestoreGroupRequest(request_id=new_id(), **named))
    await linked.caught_up()
    assert await linked.spent() == {"EUR": 3000}


async def test_a_deleted_book_waits_until_it_comes_back(linked: Linked) -> None:
    await linked.circle.spend(9000)
    named = {"book_id": linked.book.id}
    await linked.person.ledger.DeleteBook(ledger_books_pb2.DeleteBookRequest(request_id=new_id(), **named))
    assert await linked.follow() == 0
    await linked.person.ledger.RestoreBook(ledger_books_pb2.RestoreBookRequest(request_id=new_id(), **named))
    await linked.caught_up()


async def test_who_may_not_write_in_the_book_any_more_is_put_off(
    linked: Linked, bob: Person, clock: TurnedClock
) -> None:
    await share(linked.person, linked.circle.id, bob)
    await share(linked.person, linked.book.id, bob)
    other = Linked(linked.book, linked.circle, None, linked.server)
    other.book.person = bob
    await other.link_again()
    other.book.person = linked.circle.person
    member = await member_of(linked.person, linked.book.id, bob)
    await update_member(linked.person, member, "role", role=VIEWER)
    await linked.circle.spend(9000, among=[other.link.member_id])
    await linked.caught_up()
    assert (await other.receivables(), await linked.follow()) == ({}, 0)
    await update_member(linked.person, member, "role", role=EDITOR)
    assert await linked.follow() == 0
    with clock.later(seconds=PUT_OFF.total_seconds() + 1):
        assert await linked.follow() == 1
    assert await other.receivables() == {"EUR": -9000}


async def test_what_cannot_be_followed_holds_up_no_others_and_is_tried_when_somebody_changes_it(
    linked: Linked, ann: Person, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    other = await make_linked(ann, linked.server)
    await linked.circle.spend(9000)
    await other.circle.spend(600)
    follow = following.follow

    async def fail(tx: Any, request: Any, **passage: Any) -> Any:
        if request.link_id == linked.link.id:
            raise ZeroDivisionError
        return await follow(tx, request, **passage)

    monkeypatch.setattr(follow_job, "follow", fail)
    await other.caught_up()
    assert await linked.spent() == {}
    lines = [line for line in capsys.readouterr().out.splitlines() if "link_failed" in line]
    assert len(lines) == 1
    assert linked.link.id in lines[0]
    monkeypatch.setattr(follow_job, "follow", follow)
    assert await linked.follow() == 0
    await linked.update()
    await linked.caught_up()
    assert await linked.spent() == {"EUR": 3000}


async def test_a_book_that_changes_under_a_step_is_looked_at_again(
    linked: Linked, monkeypatch: pytest.MonkeyPatch, clock: TurnedClock
) -> None:
    await linked.circle.spend(9000)
    follow, tries = following.follow, []

    async def change_first(tx: Any, request: Any, *, passage: Any) -> Any:
        if passage.link.id == linked.link.id:
            tries.append(passage)
            passage.link.version -= 1
        return await follow(tx, request, passage=passage)

    monkeypatch.setattr(follow_job, "follow", change_first)
    await linked.follow()
    assert (len(tries), await linked.follow()) == (follow_job.TRIES_MAX, 0)
    monkeypatch.setattr(follow_job, "follow", follow)
    with clock.later(seconds=LOOK_AGAIN.total_seconds() + 1):
        await linked.caught_up()


async def test_what_this_process_commits_is_followed_within_moments(linked: Linked, server: App) -> None:
    async with FollowJob(server.store, server.apart).following.going_on():
        for number in range(1, 4):
            await linked.circle.spend(300)
            async with asyncio.timeout(10):
                while await linked.spent() != {"EUR": 100 * number}:
                    await asyncio.sleep(0.01)
    assert len(server.store.nudged) == 1
