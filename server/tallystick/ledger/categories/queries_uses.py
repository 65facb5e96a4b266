"""What in a book has a category?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Uuid, bindparam, exists, select

from tallystick.budgets.items.queries import ITEMS, is_named_by_item
from tallystick.ledger.categories.queries import CATEGORIES
from tallystick.ledger.categories.rules import is_named
from tallystick.ledger.filling.queries import RULES
from tallystick.ledger.labels.queries import PAYEES
from tallystick.ledger.links.queries import LINKS
from tallystick.ledger.nouns.queries import Noun, find_all
from tallystick.ledger.tables import TRANSACTION, account, entry, transaction
from tallystick.ledger.templates.queries import TEMPLATES
from tallystick.store.entity import Entity
from tallystick.store.statements import prepare
from tallystick.store.tx import ReadTx
from tallystick.v1.ledger_pb2 import Transaction

_SPACE_ID = bindparam("space_id", type_=Uuid)
_ID = bindparam("id", type_=Uuid)
_LIMIT = bindparam("limit", type_=Integer)

_entries = select(entry.c.transaction_id).where(entry.c.space_id == _SPACE_ID, entry.c.category_id == _ID, entry.c.live)
HAS_ENTRIES = prepare(_entries.limit(1))
# Entries are there for everybody; accounts only for those who see them.
HAS_HIDDEN_ENTRIES = prepare(
    _entries.where(
        ~exists(select(account.c.id).where(account.c.space_id == _SPACE_ID, account.c.id == entry.c.account_id))
    ).limit(1)
)
TRANSACTIONS = prepare(
    select(transaction.c.id, transaction.c.version, transaction.c.body)
    .where(transaction.c.space_id == _SPACE_ID, transaction.c.id.in_(_entries), transaction.c.deleted_at.is_(None))
    .order_by(transaction.c.booked_on, transaction.c.id)
    .limit(_LIMIT)
)

# What else can have one says so only in its sealed body.
_OTHERS: tuple[Noun[Any], ...] = (CATEGORIES, TEMPLATES, RULES, PAYEES, LINKS)
# Items follow a category that goes, also those of a deleted budget, which may come back.
_FOLLOWING: tuple[Noun[Any], ...] = (*_OTHERS, ITEMS)


@dataclass(frozen=True, slots=True)
class Uses:
    """Transactions that have a category, and whatever else has it."""

    transactions: list[Transaction]
    others: list[tuple[Entity[Any], Any]]


async def is_used(tx: ReadTx, category_id: UUID) -> bool:
    has_entries = await tx.fetch(HAS_ENTRIES(space_id=tx.space_id, id=category_id))
    return bool(
        has_entries
        or await _list_others(tx, category_id, _OTHERS)
        or await is_named_by_item(tx, "category_ids", str(category_id))
    )


async def has_hidden_uses(tx: ReadTx, category_id: UUID) -> bool:
    """Whether something has it on an account that the caller does not see."""
    return bool(await tx.fetch(HAS_HIDDEN_ENTRIES(space_id=tx.space_id, id=category_id)))


async def list_uses(tx: ReadTx, category_id: UUID, limit: int) -> Uses:
    """As many uses as the limit, the oldest transactions first."""
    rows = await tx.fetch(TRANSACTIONS(space_id=tx.space_id, id=category_id, limit=limit))
    others = await _list_others(tx, category_id, _FOLLOWING) if len(rows) < limit else []
    return Uses([tx.open(TRANSACTION, row) for row in rows], others[: limit - len(rows)])


async def _list_others(tx: ReadTx, category_id: UUID, nouns: Sequence[Noun[Any]]) -> list[tuple[Entity[Any], Any]]:
    text_id = str(category_id)
    return [
        (noun.entity, message)
        for noun in nouns
        for message in await find_all(tx, noun, lambda message: is_named(message, text_id))
    ]
