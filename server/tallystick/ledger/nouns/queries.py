"""How is one kind of thing in a book found and listed? By id, many ids at once, and a page or a slice at a time."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from google.protobuf.message import Message
from sqlalchemy import ARRAY, Boolean, Integer, Uuid, any_, bindparam, select, tuple_

from tallystick.errors import NotVisible
from tallystick.store.entity import Entity
from tallystick.store.pages import Page, page_of, page_size
from tallystick.store.statements import Statement, prepare
from tallystick.store.tx import ReadTx

M = TypeVar("M", bound=Message)

# Below every id and position, for lists that start at the beginning.
ID_MIN = UUID(int=0)
POSITION_MIN = -1

SLICE_ROWS = 2000

_SPACE_ID = bindparam("space_id", type_=Uuid)
_ID = bindparam("id", type_=Uuid)
_IDS = bindparam("ids", type_=ARRAY(Uuid))
_AFTER_ID = bindparam("after_id", type_=Uuid)
_AFTER_POSITION = bindparam("after_position", type_=Integer)
_DELETED = bindparam("deleted", type_=Boolean)
_LIMIT = bindparam("limit", type_=Integer)


@dataclass(frozen=True, slots=True)
class Noun(Generic[M]):
    """An entity whose calls are like those of others: which field of its requests names it, what an update may change, and the
    queries that all of them make."""

    entity: Entity[M]
    id_field: str
    changeable: tuple[str, ...]
    by_id: Statement[UUID, int, bytes]
    by_id_deleted_or_not: Statement[UUID, int, bytes, datetime | None]
    by_ids: Statement[UUID, int, bytes]
    listed_by_id: Statement[UUID, int, bytes]

    def id_of(self, request: Any) -> UUID:
        return UUID(getattr(request, self.id_field))


def noun(entity: Entity[M], id_field: str, changeable: tuple[str, ...]) -> Noun[M]:
    columns = entity.table.c
    row = select(columns.id, columns.version, columns.body).where(columns.space_id == _SPACE_ID)
    live = row.where(columns.deleted_at.is_(None))
    return Noun(
        entity,
        id_field,
        changeable,
        by_id=prepare(live.where(columns.id == _ID)),
        by_id_deleted_or_not=prepare(row.add_columns(columns.deleted_at).where(columns.id == _ID)),
        by_ids=prepare(live.where(columns.id == any_(_IDS))),
        listed_by_id=prepare(
            row.where(columns.deleted_at.is_not(None) == _DELETED, columns.id > _AFTER_ID)
            .order_by(columns.id)
            .limit(_LIMIT)
        ),
    )


def listed_by_position(entity: Entity[Any]) -> Statement[UUID, int, bytes]:
    """The rows of an entity that people put in an order, from a position and id on."""
    columns = entity.table.c
    return prepare(
        select(columns.id, columns.version, columns.body)
        .where(
            columns.space_id == _SPACE_ID,
            columns.deleted_at.is_not(None) == _DELETED,
            tuple_(columns.position, columns.id) > tuple_(_AFTER_POSITION, _AFTER_ID),
        )
        .order_by(columns.position, columns.id)
        .limit(_LIMIT)
    )


async def get_noun(tx: ReadTx, noun: Noun[M], request: Any) -> M:
    return tx.require(noun.entity, await tx.fetch(noun.by_id(space_id=tx.space_id, id=noun.id_of(request))))


async def list_nouns(tx: ReadTx, noun: Noun[M], request: Any, after: Sequence[str] | None) -> Page[M]:
    """A page in the order of ids. `after` is the last id of the page before."""
    size = page_size(request.page_size)
    after_id = UUID(after[0]) if after else ID_MIN
    rows = await tx.fetch(
        noun.listed_by_id(space_id=tx.space_id, deleted=request.deleted, after_id=after_id, limit=size + 1)
    )
    return page_of(tx, noun.entity, rows, size, _position_of)


async def get_many(tx: ReadTx, noun: Noun[M], ids: Sequence[UUID]) -> list[M]:
    """Those entities, in the order of the ids. All of them must be there."""
    rows = await tx.fetch(noun.by_ids(space_id=tx.space_id, ids=list(ids)))
    found = {row[0]: row for row in rows}
    if not found.keys() >= set(ids):
        raise NotVisible
    return [tx.open(noun.entity, found[one]) for one in ids]


async def find_all(tx: ReadTx, noun: Noun[M], fits: Callable[[M], bool], *, deleted: bool = False) -> list[M]:
    """All live entities that fit, or all deleted ones, opened slice by slice, so that others get their turn in between."""
    found, last_id = list[M](), ID_MIN
    while True:
        rows = await tx.fetch(
            noun.listed_by_id(space_id=tx.space_id, deleted=deleted, after_id=last_id, limit=SLICE_ROWS)
        )
        found += [message for row in rows if fits(message := tx.open(noun.entity, row))]
        if len(rows) < SLICE_ROWS:
            return found
        last_id = rows[-1][0]
        await asyncio.sleep(0)


def _position_of(last: Any) -> tuple[str, ...]:
    return (last.id,)
