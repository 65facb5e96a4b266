"""Which webhooks are there, how far are they, and what is there to tell? Every SELECT about webhooks."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    DateTime,
    Integer,
    Uuid,
    and_,
    any_,
    bindparam,
    exists,
    func,
    literal_column,
    or_,
    select,
    tuple_,
)

from tallystick.errors import NotVisible
from tallystick.ledger.nouns.queries import noun
from tallystick.store.pages import Page, page_size
from tallystick.store.statements import prepare
from tallystick.store.tables import journal, member, space
from tallystick.store.tx import ReadTx
from tallystick.times import to_timestamp
from tallystick.v1.space_pb2 import MemberState
from tallystick.v1.webhook_deliveries_pb2 import DeadLetter, DeliveryAttempt
from tallystick.v1.webhook_pb2 import Webhook
from tallystick.v1.webhook_service_pb2 import GetWebhookResponse
from tallystick.webhooks.rules import KINDS
from tallystick.webhooks.tables import WEBHOOK, webhook, webhook_attempt, webhook_dead_letter, webhook_follow

CHANGEABLE = ("url", "kinds", "description", "paused")
WEBHOOKS = noun(WEBHOOK, "webhook_id", CHANGEABLE)

_SPACE_ID, _WEBHOOK_ID = bindparam("space_id", type_=Uuid), bindparam("webhook_id", type_=Uuid)
_LIMIT = bindparam("limit", type_=Integer)
_follow, _attempt, _letter = webhook_follow, webhook_attempt, webhook_dead_letter
_newest = journal.alias("newest")
_KINDS: tuple[ColumnElement[str], ...] = tuple(literal_column(f"'{kind}'") for kind in KINDS)

COUNT_LIVE = prepare(select(func.count()).where(webhook.c.space_id == _SPACE_ID, webhook.c.deleted_at.is_(None)))
OF_USER = prepare(
    select(webhook.c.id, webhook.c.version, webhook.c.body).where(
        webhook.c.space_id == _SPACE_ID, webhook.c.user_id == bindparam("user_id", type_=Uuid)
    )
)
SPACE_HEAD = prepare(select(space.c.epoch, space.c.seq, space.c.kind).where(space.c.id == _SPACE_ID))
_is_it = and_(_follow.c.space_id == _SPACE_ID, _follow.c.webhook_id == _WEBHOOK_ID)
TOLD = prepare(select(_follow.c.seq, _follow.c.ordinal).where(_is_it))
# Whether the lease is still the one that it was taken with.
HELD = prepare(
    select(_follow.c.user_id).where(_is_it, _follow.c.leased_until == bindparam("held", type_=DateTime(timezone=True)))
)

ROLE_OF = prepare(
    select(member.c.role).where(
        member.c.space_id == _SPACE_ID,
        member.c.user_id == bindparam("user_id", type_=Uuid),
        member.c.state == MemberState.MEMBER_STATE_ACTIVE,
    )
)

# An entity whose newest state is hidden from whoever looks was perhaps seen by them once. They are not told of it any more.
_is_seen_now = exists(
    select(_newest.c.seq).where(
        _newest.c.space_id == _SPACE_ID,
        _newest.c.entity_id == journal.c.entity_id,
        _newest.c.entity_kind == journal.c.entity_kind,
        _newest.c.superseded_by.is_(None),
    )
)
_told = (
    select(
        journal.c.seq,
        journal.c.ordinal,
        journal.c.entity_kind,
        journal.c.entity_id,
        journal.c.op,
        journal.c.fields,
        journal.c.actor_id,
        journal.c.at,
        journal.c.body,
    )
    .where(journal.c.space_id == _SPACE_ID, journal.c.entity_kind.in_(_KINDS), _is_seen_now)
    .order_by(journal.c.seq, journal.c.ordinal)
)
# What there is to tell behind a position, of the kinds that the webhook tells of.
TO_TELL = prepare(
    _told.join_from(journal, _follow, _is_it)
    .where(
        tuple_(journal.c.seq, journal.c.ordinal)
        > tuple_(bindparam("seq", type_=BigInteger), bindparam("ordinal", type_=Integer)),
        or_(func.cardinality(_follow.c.kinds) == 0, journal.c.entity_kind == any_(_follow.c.kinds)),
    )
    .limit(_LIMIT)
)
OF_COMMIT = prepare(
    _told.where(
        journal.c.seq == bindparam("seq", type_=BigInteger),
        journal.c.ordinal == any_(bindparam("ordinals", type_=ARRAY(Integer))),
    )
)

_attempts = select(*(each for each in _attempt.columns if each.name not in ("space_id", "webhook_id"))).where(
    _attempt.c.space_id == _SPACE_ID, _attempt.c.webhook_id == _WEBHOOK_ID
)
ATTEMPTS_BEFORE = prepare(
    _attempts.where(_attempt.c.id < bindparam("before_id", type_=Uuid)).order_by(_attempt.c.id.desc()).limit(_LIMIT)
)
_letters = select(*(each for each in _letter.columns if each.name not in ("space_id", "webhook_id"))).where(
    _letter.c.space_id == _SPACE_ID, _letter.c.webhook_id == _WEBHOOK_ID
)
LETTERS_AFTER = prepare(
    _letters.where(
        tuple_(_letter.c.seq, _letter.c.delivery_id)
        > tuple_(bindparam("after_seq", type_=BigInteger), bindparam("after_id", type_=Uuid))
    )
    .order_by(_letter.c.seq, _letter.c.delivery_id)
    .limit(_LIMIT)
)
LETTER = prepare(_letters.where(_letter.c.delivery_id == bindparam("delivery_id", type_=Uuid)))

_ID_MIN, _ID_MAX = UUID(int=0), UUID(int=2**128 - 1)


async def get_with_versions(tx: ReadTx, webhook_id: UUID) -> GetWebhookResponse:
    named = {"space_id": tx.space_id, "webhook_id": webhook_id}
    found, told, heads = await tx.fetch_all(
        WEBHOOKS.by_id(space_id=tx.space_id, id=webhook_id), TOLD(**named), SPACE_HEAD(space_id=tx.space_id)
    )
    one = tx.require(WEBHOOK, [(row[0], row[1], row[2]) for row in found])
    seq = told[0][0] if told else 0
    return GetWebhookResponse(webhook=one, told_version=seq, space_version=heads[0][1])


async def list_attempts(
    tx: ReadTx, webhook_id: UUID, requested: int, after: Sequence[str] | None
) -> Page[DeliveryAttempt]:
    """A page, the newest first. `after` is the last id of the page before."""
    size = page_size(requested)
    before_id = UUID(after[0]) if after else _ID_MAX
    rows = await _fetch_of_webhook(
        tx,
        webhook_id,
        ATTEMPTS_BEFORE(space_id=tx.space_id, webhook_id=webhook_id, before_id=before_id, limit=size + 1),
    )
    items = [compose_attempt(*row) for row in rows[:size]]
    return Page(items, (items[-1].id,) if len(rows) > size else ())


async def list_letters(tx: ReadTx, webhook_id: UUID, requested: int, after: Sequence[str] | None) -> Page[DeadLetter]:
    """A page in the order of commits. `after` is the commit and the id of the last one of the page before."""
    size = page_size(requested)
    after_seq, after_id = (int(after[0]), UUID(after[1])) if after else (-1, _ID_MIN)
    named = {"space_id": tx.space_id, "webhook_id": webhook_id}
    rows = await _fetch_of_webhook(
        tx, webhook_id, LETTERS_AFTER(**named, after_seq=after_seq, after_id=after_id, limit=size + 1)
    )
    items = [compose_letter(*row) for row in rows[:size]]
    return Page(items, (str(items[-1].to_version), items[-1].delivery_id) if len(rows) > size else ())


async def _fetch_of_webhook(tx: ReadTx, webhook_id: UUID, call: Any) -> list[Any]:
    found, rows = await tx.fetch_all(WEBHOOKS.by_id(space_id=tx.space_id, id=webhook_id), call)
    if not found:
        raise NotVisible
    return rows


def compose_attempt(
    attempt_id: UUID,
    delivery_id: UUID,
    seq: int,
    at: Any,
    duration_ms: int,
    status_code: int,
    problem: Any,
    number: int,
) -> DeliveryAttempt:
    return DeliveryAttempt(
        id=str(attempt_id),
        delivery_id=str(delivery_id),
        to_version=seq,
        attempted_at=to_timestamp(at),
        duration_ms=duration_ms,
        status_code=status_code,
        problem=problem,
        number=number,
    )


def compose_letter(
    delivery_id: UUID,
    from_seq: int,
    seq: int,
    ordinals: Sequence[int],
    complete: bool,  # noqa: FBT001 - as the row has it
    given_up_at: Any,
    problem: Any,
    attempts: int,
) -> DeadLetter:
    return DeadLetter(
        delivery_id=str(delivery_id),
        from_version=from_seq,
        to_version=seq,
        given_up_at=to_timestamp(given_up_at),
        problem=problem,
        attempts=attempts,
    )


async def get_webhook(tx: ReadTx, webhook_id: UUID) -> Webhook:
    found = await tx.fetch(WEBHOOKS.by_id(space_id=tx.space_id, id=webhook_id))
    return tx.require(WEBHOOK, found)
