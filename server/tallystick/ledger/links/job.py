"""How do books keep up with the groups that they follow? A server leases a few links at a time, and takes each up to its group's head.

What a step writes and how far the book is then are one commit; a step that finds the book elsewhere than where it read from does
nothing. So it does not matter who is killed when, nor how many work on the same link.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from tallystick.caller import Caller
from tallystick.errors import NotVisible, Stale, TallystickError
from tallystick.groups.queries_following import Item, Moved, read_before_leaving, read_moved
from tallystick.jobs.alone import work_alone
from tallystick.jobs.keeping_up import KeepingUp, Pace
from tallystick.ledger.links import queries, rules, writes
from tallystick.ledger.links.following import NothingToDo, end_link, follow, note_problem
from tallystick.ledger.links.passage import Passage
from tallystick.ledger.links.queries import ACTIVE
from tallystick.log import log
from tallystick.store.apart import Apart
from tallystick.store.own_work import own_snapshot
from tallystick.store.statements import Call
from tallystick.store.store import Store
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.group_pb2 import GetGroupRequest
from tallystick.v1.ledger_links_pb2 import (
    GetGroupLinkRequest,
    GroupLink,
    UpdateGroupLinkRequest,
    UpdateGroupLinkResponse,
)

# So many are taken hold of at a time, and so many of them worked on at once: each of these holds a connection.
LEASED_MAX, AT_ONCE = 16, 8
# An item has two transactions, and corrections of these are few: they fit in one commit.
ITEMS_MAX = 100
# Longer than a server takes from one step to the next. What it leaves undone when it dies waits no longer than this.
LEASE = timedelta(minutes=2)
# A link that cannot be followed is tried again after this, or when somebody changes it.
PUT_OFF = timedelta(hours=1)
# Somebody else has worked on it, or changed it, just now.
LOOK_AGAIN = timedelta(seconds=5)
TRIES_MAX = 3
PACE = Pace(look_every_s=2.0, pause_factor=3, pause_max_s=1.0)
LINKS_MAX = 1000
NO_HOME = UUID(int=0)

Lease = Callable[..., Call[UUID, UUID, UUID, UUID, int]]


@dataclass(slots=True)
class _Leased:
    """A link that is ours for a while."""

    book_id: UUID
    link_id: UUID
    group_id: UUID
    user_id: UUID
    followed_seq: int
    until: datetime

    @property
    def caller(self) -> Caller:
        return Caller(self.user_id, NO_HOME, None, "")


class FollowJob:
    """Takes books to where their groups are."""

    def __init__(self, store: Store, apart: Apart) -> None:
        self._store = store
        self._apart = apart
        # Nudged by a commit in a group, or in a book that has a link now.
        self.following = KeepingUp("following", store, self._work, PACE)
        # As we left those that we have followed most lately.
        self._links: dict[UUID, GroupLink] = {}
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def run(self) -> int:
        """Goes on until every book is where its group is, as far as that can be. Returns how many links it worked on."""
        return await self._run(writes.LEASE_ANY)

    async def _work(self, nudged: Sequence[UUID] | None) -> None:
        """Once for each link: what is behind again by then is the next round's."""
        lease = writes.LEASE_ANY if nudged is None else partial(writes.LEASE_OF, spaces=nudged)
        await self._run(lease, is_once=True)

    async def _run(self, lease: Lease, *, is_once: bool = False) -> int:
        """`is_once`: what is behind again after its turn waits for the next one, and is more by then."""
        worked_on, had_turn = 0, list[UUID]()
        while leased := await self._lease(lease, had_turn):
            await asyncio.gather(*(self._work_off(each) for each in leased))
            worked_on += len(leased)
            if is_once:
                had_turn += [each.link_id for each in leased]
        return worked_on

    async def _lease(self, lease: Lease, had_turn: Sequence[UUID]) -> list[_Leased]:
        now = self._store.clock.now()
        rows = await self._apart.fetch(lease(now=now, lease=now + LEASE, limit=LEASED_MAX, but=[*had_turn]))
        return [_Leased(*row, until=now + LEASE) for row in rows]

    async def _work_off(self, leased: _Leased) -> None:
        put_off = partial(self._put_off, leased, PUT_OFF)
        async with self._turns:
            refused = await work_alone("link", partial(_ids, leased), self._catch_up(leased), put_off)
        if refused is not None:
            await self._note(leased, refused.reason_name)

    async def _catch_up(self, leased: _Leased) -> None:
        try:
            await self._try_to_catch_up(leased)
        except Stale:
            await self._put_off(leased, LOOK_AGAIN)

    async def _try_to_catch_up(self, leased: _Leased) -> None:
        known = self._links.pop(leased.link_id, None)
        for tries_left in reversed(range(TRIES_MAX)):
            link = known or await self._look(leased)
            known = None
            if link is None:
                return
            try:
                await self._follow(leased, link)
            except Stale:
                if not tries_left:
                    raise
            else:
                return

    async def _look(self, leased: _Leased) -> GroupLink | None:
        """The link as it is, and how far it is. None: somebody has ended it just now."""
        asked = GetGroupLinkRequest(book_id=str(leased.book_id), link_id=str(leased.link_id))
        reader = self._store.reader(leased.caller, leased.book_id, asked)
        link, seq = await queries.get_followed(reader, leased.link_id)
        if link.state != ACTIVE or seq is None:
            return None
        leased.followed_seq = seq
        return link

    async def _follow(self, leased: _Leased, link: GroupLink) -> None:
        while True:
            moved = await self._find_moved(leased, link)
            for part in parts_of(moved, leased.followed_seq):
                link = await self._step(leased, link, moved, part)
                leased.followed_seq = part.to_seq
            if moved.is_over and moved.is_all:
                await self._end(leased, link)
            elif moved.is_all:
                self._remember(link)
            if moved.is_all:
                return

    def _remember(self, link: GroupLink) -> None:
        """Whoever is right about a link needs not look: a step that finds another version under the book's lock does nothing."""
        self._links[UUID(link.id)] = link
        if len(self._links) > LINKS_MAX:
            self._links.pop(next(iter(self._links)))

    async def _find_moved(self, leased: _Leased, link: GroupLink) -> Moved:
        member_id, asked = UUID(link.member_id), GetGroupRequest(group_id=str(leased.group_id))
        try:
            tx = self._store.reader(leased.caller, leased.group_id, asked)
            return await read_moved(tx, member_id, leased.followed_seq)
        except NotVisible:
            heads = await self._apart.fetch(queries.GROUP_HEAD(group_id=leased.group_id))
            if heads and heads[0][1] is not None:
                # Deleted just now: it may come back.
                raise
        try:
            async with own_snapshot(self._store, leased.group_id) as snapshot:
                return await read_before_leaving(snapshot, member_id, leased.followed_seq)
        except NotVisible:
            # Erased, or not theirs: there is nothing more to be read.
            return Moved("", (), leased.followed_seq, is_all=True, is_over=True)

    async def _step(self, leased: _Leased, link: GroupLink, moved: Moved, part: "_Part") -> GroupLink:
        lease = None if part.is_last else leased.until
        passage = Passage(link, moved.group_name, part.items, leased.followed_seq, part.to_seq, lease)
        if part.items:
            last = part.items[-1]
            request = UpdateGroupLinkRequest(
                request_id=str(rules.passage_id_of(link, leased.followed_seq, last.seq, last.ordinal)),
                book_id=link.book_id,
                link_id=link.id,
            )
            command = partial(follow, passage=passage)
            try:
                answer = await self._store.write(
                    leased.caller, leased.book_id, request, command, UpdateGroupLinkResponse, ahead=passage.reads()
                )
            except NothingToDo:
                pass
            else:
                return answer.link
        move_on = writes.MOVE_ON(
            of_space=leased.book_id,
            of_link=leased.link_id,
            from_seq=leased.followed_seq,
            to_seq=part.to_seq,
            lease=lease,
        )
        await self._apart.fetch_all(move_on)
        return link

    async def _end(self, leased: _Leased, link: GroupLink) -> None:
        request = UpdateGroupLinkRequest(
            request_id=str(rules.passage_id_of(link, leased.followed_seq, -1, -1)),
            book_id=link.book_id,
            link_id=link.id,
        )
        problem = ErrorReason.Name(ErrorReason.ERROR_REASON_NOT_FOUND).removeprefix("ERROR_REASON_")
        command = partial(end_link, problem=problem)
        await self._store.write(leased.caller, leased.book_id, request, command, UpdateGroupLinkResponse)
        log("link_ended", level="warning", reason=problem, **_ids(leased))

    async def _note(self, leased: _Leased, problem: str) -> None:
        """Tells on the link why it waits. Whoever may not write in the book any more cannot be told there."""
        try:
            link = await self._look(leased)
            if link is not None and link.problem != problem:
                command = partial(note_problem, problem=problem)
                request = UpdateGroupLinkRequest(
                    request_id=str(rules.problem_id_of(link, problem)), book_id=link.book_id, link_id=link.id
                )
                await self._store.write(leased.caller, leased.book_id, request, command, UpdateGroupLinkResponse)
        except TallystickError as refused:
            log("link_problem_not_noted", level="warning", reason=refused.reason_name, **_ids(leased))

    async def _put_off(self, leased: _Leased, how_long: timedelta) -> None:
        named = {"of_space": leased.book_id, "of_link": leased.link_id}
        until = self._store.clock.now() + how_long
        await self._apart.fetch_all(writes.PUT_OFF(**named, lease=leased.until, until=until))


@dataclass(frozen=True, slots=True)
class _Part:
    """Some of what moved, which one commit holds, and up to which seq that is all."""

    items: Sequence[Item]
    to_seq: int
    is_last: bool


def parts_of(moved: Moved, from_seq: int) -> Iterator[_Part]:
    """A commit of the group may take several of the book: only with the last of them the book is further."""
    items, to_seq = moved.items, from_seq
    for start in range(0, len(items), ITEMS_MAX):
        some = items[start : start + ITEMS_MAX]
        rest = items[start + ITEMS_MAX :]
        if not rest:
            yield _Part(some, moved.until_seq, moved.is_all)
            return
        whole = [each.seq for each in some if each.seq < rest[0].seq]
        to_seq = max([to_seq, *whole])
        yield _Part(some, to_seq, is_last=False)
    if not items:
        yield _Part((), moved.until_seq, moved.is_all)


def _ids(leased: _Leased) -> dict[str, Any]:
    return {"space_id": str(leased.book_id), "link_id": str(leased.link_id), "group_id": str(leased.group_id)}
