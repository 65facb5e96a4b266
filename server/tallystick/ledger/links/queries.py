"""Which groups does a book follow, how far, and what did following make in it? Every SELECT about links."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, Integer, SmallInteger, Uuid, and_, any_, bindparam, select

from tallystick.ledger.nouns.queries import ID_MIN, find_all, noun
from tallystick.ledger.tables import GROUP_LINK, account, balance, entry, group_follow, group_link, transaction
from tallystick.store.pages import Page, page_of, page_size
from tallystick.store.statements import prepare
from tallystick.store.tables import space
from tallystick.store.tx import ReadTx
from tallystick.v1.ledger_links_pb2 import GetGroupLinkResponse, GroupLink, GroupLinkState, ListGroupLinksRequest
from tallystick.v1.ledger_pb2 import TransactionStatus

ACTIVE, ENDED = GroupLinkState.GROUP_LINK_STATE_ACTIVE, GroupLinkState.GROUP_LINK_STATE_ENDED
LINKS = noun(GROUP_LINK, "link_id", ("paid_from_account_id", "categories", "default_category_id"))

_SPACE_ID = bindparam("space_id", type_=Uuid)
_LINK_ID = bindparam("link_id", type_=Uuid)
_IDS = bindparam("ids", type_=ARRAY(Uuid))
_LIMIT = bindparam("limit", type_=Integer)

ACTIVE_AMONG = prepare(
    select(group_link.c.id).where(
        group_link.c.space_id == _SPACE_ID,
        group_link.c.id == any_(_IDS),
        group_link.c.state == int(ACTIVE),
        group_link.c.deleted_at.is_(None),
    )
)
FOLLOWED = prepare(
    select(group_follow.c.followed_seq).where(group_follow.c.space_id == _SPACE_ID, group_follow.c.link_id == _LINK_ID)
)
# Heads hold no secret, and stand outside row-level security.
GROUP_HEAD = prepare(select(space.c.seq, space.c.deleted_at).where(space.c.id == bindparam("group_id", type_=Uuid)))
# With what each holds.
ACCOUNTS_EVEN_DELETED = prepare(
    select(account.c.id, account.c.version, account.c.body, account.c.deleted_at, balance.c.version, balance.c.amount)
    .select_from(
        account.outerjoin(balance, and_(balance.c.space_id == _SPACE_ID, balance.c.account_id == account.c.id))
    )
    .where(account.c.space_id == _SPACE_ID, account.c.id == any_(_IDS))
)
_on_accounts = select(entry.c.transaction_id).where(
    entry.c.space_id == _SPACE_ID, entry.c.account_id == any_(_IDS), entry.c.live
)
_of_accounts = (
    select(transaction.c.id, transaction.c.version, transaction.c.body)
    .where(
        transaction.c.space_id == _SPACE_ID,
        transaction.c.deleted_at.is_(None),
        transaction.c.id > bindparam("after_id", type_=Uuid),
    )
    .order_by(transaction.c.id)
    .limit(_LIMIT)
)
BOOKED_ON = prepare(_of_accounts.where(transaction.c.id.in_(_on_accounts)))
# The same, but only what a statement covers on any account.
_covered = entry.alias("covered")
RECONCILED_ON = prepare(
    _of_accounts.where(
        transaction.c.id.in_(_on_accounts),
        transaction.c.id.in_(
            select(_covered.c.transaction_id).where(
                _covered.c.space_id == _SPACE_ID,
                _covered.c.live,
                _covered.c.status == bindparam("status", type_=SmallInteger),
            )
        ),
    )
)
STILL_USED = prepare(
    select(entry.c.account_id)
    .where(entry.c.space_id == _SPACE_ID, entry.c.account_id == any_(_IDS), entry.c.live)
    .distinct()
)
RECONCILED = TransactionStatus.TRANSACTION_STATUS_RECONCILED


class Followed(NamedTuple):
    """A link, and how far its group was followed. None: it is not followed."""

    link: GroupLink
    seq: int | None


async def get_followed(tx: ReadTx, link_id: UUID) -> Followed:
    found, followed = await tx.fetch_all(
        LINKS.by_id(space_id=tx.space_id, id=link_id), FOLLOWED(space_id=tx.space_id, link_id=link_id)
    )
    link = tx.require(GROUP_LINK, [(row[0], row[1], row[2]) for row in found])
    return Followed(link, followed[0][0] if followed else None)


async def get_with_versions(tx: ReadTx, link_id: UUID) -> GetGroupLinkResponse:
    link, seq = await get_followed(tx, link_id)
    heads = await tx.fetch(GROUP_HEAD(group_id=UUID(link.group_id)))
    return GetGroupLinkResponse(link=link, followed_version=seq or 0, group_version=heads[0][0] if heads else 0)


async def list_links(tx: ReadTx, request: ListGroupLinksRequest, after: Sequence[str] | None) -> Page[GroupLink]:
    """A page in the order of ids. `after` is the last id of the page before."""
    size = page_size(request.page_size)
    after_id = UUID(after[0]) if after else ID_MIN
    rows = await tx.fetch(LINKS.listed_by_id(space_id=tx.space_id, deleted=False, after_id=after_id, limit=size + 1))
    return page_of(tx, GROUP_LINK, rows, size, lambda link: (link.id,))


async def find_active(tx: ReadTx, link_ids: Iterable[str]) -> list[UUID]:
    """Those of the links that are followed still."""
    wanted = [UUID(each) for each in link_ids]
    return [row[0] for row in await tx.fetch(ACTIVE_AMONG(space_id=tx.space_id, ids=wanted))] if wanted else []


async def is_made_for_link(tx: ReadTx, account_id: str) -> bool:
    """Whether a link that is followed still has made the account."""
    return bool(
        await find_all(tx, LINKS, lambda link: link.state == ACTIVE and UUID(account_id) in made_accounts(link))
    )


def made_accounts(link: GroupLink) -> list[UUID]:
    """The accounts that were made for a link."""
    made = [(each.receivable_account_id, each.paid_account_id) for each in link.accounts]
    return [UUID(account_id) for pair in made for account_id in pair if account_id]
