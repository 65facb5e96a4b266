"""What of a book does the caller see? Its accounts with whoever holds each, its categories and its members, from one moment.

Kept sums are not hidden from anybody: whoever reads them starts from these accounts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select

from tallystick.ledger import tables
from tallystick.ledger.books.queries import BOOK_OF_SPACE, open_book
from tallystick.ledger.spending.rules import Seen
from tallystick.ledger.tables import ACCOUNT, CATEGORY
from tallystick.store.members import MEMBER
from tallystick.store.statements import Call, prepare
from tallystick.store.tables import member
from tallystick.store.tx import ReadTx
from tallystick.v1.ledger_pb2 import Account, Book, Category
from tallystick.v1.space_pb2 import Member, MemberState

_SPACE_ID = bindparam("space_id", type_=Uuid)
_account, _category = tables.account, tables.category

# Deleted ones hold nothing. Row-level security leaves out what is private to others.
ACCOUNTS_SEEN = prepare(
    select(_account.c.id, _account.c.version, _account.c.body)
    .where(_account.c.space_id == _SPACE_ID, _account.c.deleted_at.is_(None))
    .order_by(_account.c.position, _account.c.id)
)
# Also deleted ones: sums of theirs may be kept, and are zero.
CATEGORIES_EVER = prepare(
    select(
        _category.c.id,
        _category.c.version,
        _category.c.body,
        _category.c.kind,
        _category.c.parent_id,
        _category.c.deleted_at,
    ).where(_category.c.space_id == _SPACE_ID)
)
MEMBERS_EVER = prepare(
    select(member.c.id, member.c.version, member.c.body, member.c.user_id, member.c.state)
    .where(member.c.space_id == _SPACE_ID)
    .order_by(member.c.id)
)


@dataclass(frozen=True, slots=True)
class Sight:
    """What the caller sees of a book. Categories and members are opened when they are shown."""

    book: Book
    # In the order of their positions.
    accounts: Mapping[UUID, Seen]
    # Of every category ever: its kind.
    kinds: Mapping[UUID, int]
    # Of every live category: the one that it is part of.
    parents: Mapping[UUID, UUID | None]
    category_rows: Mapping[UUID, tuple[UUID, int, bytes]]
    member_rows: Mapping[UUID, tuple[UUID, int, bytes]]
    # Those who are members now, in the order in which they joined.
    member_ids: Sequence[UUID]

    def open_category(self, tx: ReadTx, category_id: UUID) -> Category:
        return tx.open(CATEGORY, self.category_rows[category_id])

    def open_member(self, tx: ReadTx, member_id: UUID) -> Member:
        return tx.open(MEMBER, self.member_rows[member_id])


def asked_of_sight(space_id: UUID) -> list[Call[*tuple[Any, ...]]]:
    """For whoever asks for more in the same round trip."""
    return [
        BOOK_OF_SPACE(space_id=space_id),
        ACCOUNTS_SEEN(space_id=space_id),
        CATEGORIES_EVER(space_id=space_id),
        MEMBERS_EVER(space_id=space_id),
    ]


async def get_sight(tx: ReadTx) -> Sight:
    return open_sight(tx, await tx.fetch_all(*asked_of_sight(tx.space_id)))


def open_sight(tx: ReadTx, found: Sequence[Sequence[Any]]) -> Sight:
    books, accounts, categories, members = found
    member_of_user = {row[3]: row[0] for row in members if row[3]}
    opened = {row[0]: tx.open(ACCOUNT, (row[0], row[1], row[2])) for row in accounts}
    return Sight(
        book=open_book(tx, books),
        accounts={
            row_id: Seen(row_id, each, each.currency, _holder_of(each, member_of_user))
            for row_id, each in opened.items()
        },
        kinds={row[0]: row[3] for row in categories},
        parents={row[0]: row[4] for row in categories if row[5] is None},
        category_rows={row[0]: (row[0], row[1], row[2]) for row in categories},
        member_rows={row[0]: (row[0], row[1], row[2]) for row in members},
        member_ids=[row[0] for row in members if row[4] == MemberState.MEMBER_STATE_ACTIVE],
    )


def _holder_of(account: Account, member_of_user: Mapping[UUID, UUID]) -> UUID | None:
    """Whose money it is: the member that the account names; of a private account, whoever sees it."""
    if account.held_by_member_id:
        return UUID(account.held_by_member_id)
    return member_of_user.get(UUID(account.private_to)) if account.private_to else None
