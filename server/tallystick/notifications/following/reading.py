"""What does the news of one space come to: whom is what to be told, and what is to be looked at?"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, select

from tallystick.groups.profiles.queries import get_group_name
from tallystick.groups.tables import EXPENSE, expense
from tallystick.ledger.books.queries import get_book_name
from tallystick.ledger.tables import template
from tallystick.ledger.templates.rules import REMIND
from tallystick.notifications import writes
from tallystick.notifications.following.news import LIVES, open_news
from tallystick.notifications.notices import Notice, Place
from tallystick.notifications.rules import OFF
from tallystick.notifications.telling.conflicts import tell_of_conflicts
from tallystick.notifications.telling.groups import tell_of_comments, tell_of_expenses, tell_of_settlements
from tallystick.notifications.telling.invitations import Invitations
from tallystick.notifications.telling.members import has_come, tell_of_members
from tallystick.notifications.telling.news import News
from tallystick.notifications.telling.people import People
from tallystick.store.journal import PLACE, Op, row_of
from tallystick.store.members import MEMBER
from tallystick.store.own_work import own_snapshot
from tallystick.store.statements import Call, prepare
from tallystick.store.store import Store
from tallystick.store.tx import ReadTx
from tallystick.v1.group_expenses_pb2 import Expense
from tallystick.v1.space_pb2 import Member, SpaceKind

HOME, BOOK, GROUP = SpaceKind.SPACE_KIND_HOME, SpaceKind.SPACE_KIND_BOOK, SpaceKind.SPACE_KIND_GROUP
_NAME_OF: dict[int, Callable[[ReadTx], Any]] = {BOOK: get_book_name, GROUP: get_group_name}

# Deleted ones, too: they were talked about.
EXPENSES = prepare(
    select(expense.c.id, expense.c.version, expense.c.body).where(
        expense.c.space_id == bindparam("space_id", type_=Uuid),
        expense.c.id == any_(bindparam("ids", type_=ARRAY(Uuid))),
    )
)
# Whoever comes may see templates that nobody saw who was there.
REMINDING = prepare(
    select(template.c.id).where(
        template.c.space_id == bindparam("space_id", type_=Uuid),
        template.c.mode == int(REMIND),
        template.c.deleted_at.is_(None),
    )
)


class Come(NamedTuple):
    """What is to be told, and what is to be written so that something is looked at."""

    notices: list[Notice]
    looks: list[Call[()]]


class Reading:
    """Reads news as the store's own work, and judges for each user what they are told."""

    def __init__(self, store: Store, invitations: Invitations) -> None:
        self._store = store
        self._invitations = invitations

    async def read(self, space_id: UUID, kind: int, rows: Sequence[Any]) -> Come:
        async with own_snapshot(self._store, space_id) as tx:
            news = [open_news(tx, row) for row in rows]
            looks = await self._look_for_who_came(tx, news) if kind == BOOK else []
            if kind == HOME:
                notices = list(tell_of_conflicts(Place(space_id, ""), lambda _: True, news))
            else:
                notices = await _read_shared(tx, Place(space_id, await _NAME_OF[kind](tx)), news)
        if kind == HOME:
            return Come(notices + await self._prove(news), self._looks_of_home(space_id, news))
        return Come(notices + await self._invitations.made(news), looks + self._looks_of_book(space_id, news))

    async def _look_for_who_came(self, tx: ReadTx, news: Sequence[News]) -> list[Call[()]]:
        came = next((each for each in news if each.kind == "member" and has_come(each)), None)
        if came is None:
            return []
        now, found = self._store.clock.now(), await tx.fetch(REMINDING(space_id=tx.space_id))
        return [writes.remind_of(tx.space_id, template_id, came.actor_id, now) for (template_id,) in found]

    async def _prove(self, news: Sequence[News]) -> list[Notice]:
        """Whoever has proven their address learns of what was waiting for it."""
        proven = [each.now for each in news if each.kind == "profile" and _is_just_proven(each)]
        found = [await self._invitations.waiting(UUID(user.id), user.email) for user in proven]
        return [notice for notices in found for notice in notices]

    def _looks_of_home(self, home_id: UUID, news: Sequence[News]) -> list[Call[()]]:
        now, looks = self._store.clock.now(), list[Call[()]]()
        for each in news:
            if (each.kind == "notification_preferences" and _wants_digest(each)) or (
                each.kind == "profile" and _is_just_proven(each)
            ):
                looks.append(writes.look_at_digest(home_id, each.actor_id, now))
            elif each.kind == "profile" and each.before is not None and each.before.time_zone != each.now.time_zone:
                looks.append(writes.DIGEST_DUES.look_again(of_space=home_id, now=now))
        return looks

    def _looks_of_book(self, book_id: UUID, news: Sequence[News]) -> list[Call[()]]:
        now, looks = self._store.clock.now(), list[Call[()]]()
        for each in news:
            if each.kind == "template" and _reminds(each):
                looks.append(writes.remind_of(book_id, each.id, UUID(each.either.user_id), now))
            elif each.kind == "book" and each.before and each.now and each.before.time_zone != each.now.time_zone:
                looks.append(writes.REMINDER_DUES.look_again(of_space=book_id, now=now))
        return looks


async def _read_shared(tx: ReadTx, place: Place, news: Sequence[News]) -> list[Notice]:
    """Of a space that may have several members."""
    lives = await tx.fetch(LIVES(space_id=tx.space_id))
    people = People((row[0], _open_member(tx, row)) for row in lives)
    said = {UUID(each.now.expense_id) for each in news if each.kind == "expense_comment" and each.now}
    rows = await tx.fetch(EXPENSES(space_id=tx.space_id, ids=sorted(said))) if said else []
    expenses: dict[str, Expense] = {str(row[0]): tx.open(EXPENSE, row) for row in rows}
    return [
        *tell_of_expenses(place, people, news),
        *tell_of_settlements(place, people, news),
        *tell_of_comments(place, people, news, expenses),
        *tell_of_members(place, people, news),
        *tell_of_conflicts(place, people.is_here, news),
    ]


def _open_member(tx: ReadTx, row: Sequence[Any]) -> Member | None:
    seq, ordinal, member_id, op, body = row
    if op == Op.DELETE:
        return None
    return MEMBER.message_type.FromString(tx.seal.open(PLACE, row_of(ordinal, member_id), seq, body))


def _is_just_proven(change: News) -> bool:
    was_proven = change.before is not None and change.before.email_verified
    return change.now is not None and change.now.email_verified and not was_proven


def _wants_digest(change: News) -> bool:
    return any(state is not None and state.digest != OFF for state in (change.now, change.before))


def _reminds(change: News) -> bool:
    return any(state is not None and state.mode == REMIND for state in (change.now, change.before))
