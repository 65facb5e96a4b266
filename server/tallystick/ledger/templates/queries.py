"""What templates are there, and which of their occurrences are due? Every SELECT about templates."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Integer, Uuid, any_, bindparam, select

from tallystick.errors import NotVisible
from tallystick.ledger.books.queries import BOOK_OF_SPACE, get_book
from tallystick.ledger.nouns.queries import ID_MIN, noun
from tallystick.ledger.rules import require_date
from tallystick.ledger.tables import BOOK, TEMPLATE, template
from tallystick.ledger.templates import recurrence, rules
from tallystick.store.pages import Page, page_size
from tallystick.store.statements import Call, prepare
from tallystick.store.tables import journal
from tallystick.store.tx import ReadTx
from tallystick.v1.ledger_pb2 import Book
from tallystick.v1.ledger_templates_pb2 import (
    ListDueOccurrencesRequest,
    Occurrence,
    RestoreTemplateRequest,
    Template,
)

CHANGEABLE = ("name", "draft", "schedule", "mode", "paused")
TEMPLATES = noun(TEMPLATE, "template_id", CHANGEABLE)

SLICE_TEMPLATES = 200
# By how much a weekend policy moves an occurrence at most.
_MOVED = timedelta(days=2)
_LONG_AGO = datetime(1900, 1, 1, tzinfo=UTC)

_SPACE_ID = bindparam("space_id", type_=Uuid)

# Those that may have something to do by a day: the slot of the next occurrence says so without opening them.
WITH_NEXT_BY = prepare(
    select(template.c.id, template.c.version, template.c.body)
    .where(
        template.c.space_id == _SPACE_ID,
        template.c.deleted_at.is_(None),
        template.c.next_on <= bindparam("last_slot", type_=Date),
        template.c.id >= bindparam("first_id", type_=Uuid),
    )
    .order_by(template.c.id)
    .limit(bindparam("limit", type_=Integer))
)
# When it was paused, or went on, most lately.
PAUSED_AT = prepare(
    select(journal.c.at)
    .where(
        journal.c.space_id == _SPACE_ID,
        journal.c.entity_id == bindparam("template_id", type_=Uuid),
        any_(journal.c.fields) == "paused",
    )
    .order_by(journal.c.seq.desc())
    .limit(1)
)


def asked_by(request: Any) -> list[Call[*tuple[Any, ...]]]:
    """What every command about a template asks, to be asked ahead."""
    space_id = UUID(request.book_id)
    return [
        TEMPLATES.by_id(space_id=space_id, id=TEMPLATES.id_of(request)),
        BOOK_OF_SPACE(space_id=space_id),
    ]


async def get_with_book(tx: ReadTx, request: Any) -> tuple[Template, Book]:
    found, books = await tx.fetch_all(*asked_by(request))
    return tx.require(TEMPLATE, [(row[0], row[1], row[2]) for row in found]), tx.require(
        BOOK, [(row[0], row[1], row[2]) for row in books]
    )


async def get_deleted_or_not(tx: ReadTx, request: RestoreTemplateRequest) -> tuple[Template, datetime | None]:
    rows = await tx.fetch(TEMPLATES.by_id_deleted_or_not(space_id=tx.space_id, id=TEMPLATES.id_of(request)))
    if not rows:
        raise NotVisible
    row_id, version, body, deleted_at = rows[0]
    return tx.open(TEMPLATE, (row_id, version, body)), deleted_at


async def get_paused_at(tx: ReadTx, template_id: UUID) -> datetime:
    """Since when a template that is paused is so. Where the journal does not say, it has always been."""
    rows = await tx.fetch(PAUSED_AT(space_id=tx.space_id, template_id=template_id))
    return rows[0][0] if rows else _LONG_AGO


async def list_with_next_by(tx: ReadTx, until: date) -> list[Template]:
    """Those that may have something to do by a day."""
    found, first_id = list[Template](), ID_MIN
    while True:
        rows = await tx.fetch(_with_next_by(tx, until, first_id))
        found += [tx.open(TEMPLATE, row) for row in rows]
        if len(rows) < SLICE_TEMPLATES:
            return found
        first_id = UUID(int=rows[-1][0].int + 1)


def _with_next_by(tx: ReadTx, until: date, first_id: UUID) -> Call[UUID, int, bytes]:
    last_slot = min(until, date.max - _MOVED) + _MOVED
    return WITH_NEXT_BY(space_id=tx.space_id, last_slot=last_slot, first_id=first_id, limit=SLICE_TEMPLATES)


async def list_due(
    tx: ReadTx, request: ListDueOccurrencesRequest, now: datetime, after: Sequence[str] | None
) -> Page[Occurrence]:
    """A page by template, then by slot. `after` is the last occurrence of the page before."""
    size = page_size(request.page_size)
    until_on = request.until_on or rules.today_in((await get_book(tx)).time_zone, now).isoformat()
    until = require_date("until_on", until_on)
    first_id, seen = (UUID(after[0]), date.fromisoformat(after[1])) if after else (ID_MIN, None)
    found: list[Occurrence] = []
    while True:
        rows = await tx.fetch(_with_next_by(tx, until, first_id))
        for row in rows:
            found += _due_of(tx.open(TEMPLATE, row), until, seen if row[0] == first_id else None, size + 1 - len(found))
            if len(found) > size:
                return Page(found[:size], (found[size - 1].template_id, found[size - 1].slot_on))
        if len(rows) < SLICE_TEMPLATES:
            return Page(found, ())
        first_id, seen = UUID(int=rows[-1][0].int + 1), None


def _due_of(one: Template, until: date, after: date | None, limit: int) -> list[Occurrence]:
    return [] if one.paused else compose_occurrences(one, rules.waiting(one, until, after, limit))


def compose_occurrences(one: Template, found: Sequence[recurrence.Occurrence]) -> list[Occurrence]:
    return [
        Occurrence(
            template_id=one.id, slot_on=occurrence.slot_on.isoformat(), booked_on=occurrence.booked_on.isoformat()
        )
        for occurrence in found
    ]
