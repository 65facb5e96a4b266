"""How does a book follow a group no more? What arrived stays, or goes in slices, because a commit holds only so many changes."""

from tallystick.caller import Caller
from tallystick.ledger.accounts.rules import is_named
from tallystick.ledger.links import queries
from tallystick.ledger.links.following import stop
from tallystick.ledger.links.queries import ACTIVE, LINKS, RECONCILED, made_accounts
from tallystick.ledger.nouns.queries import ID_MIN, find_all, get_noun
from tallystick.ledger.slices import SLICE_MAX, write_in_slices
from tallystick.ledger.tables import ACCOUNT, TRANSACTION
from tallystick.ledger.templates.queries import TEMPLATES
from tallystick.ledger.transactions.posting import Step, post
from tallystick.ledger.transactions.references import ACCOUNTS
from tallystick.ledger.transactions.rules_changes import require_unlocked
from tallystick.store.command import MoreThanOneCommit
from tallystick.store.store import Store
from tallystick.store.tx import WriteTx
from tallystick.v1.ledger_links_pb2 import GroupLink, UnlinkGroupRequest, UnlinkGroupResponse
from tallystick.v1.ledger_pb2 import Transaction


async def unlink(store: Store, caller: Caller, request: UnlinkGroupRequest) -> UnlinkGroupResponse:
    return await write_in_slices(
        store, caller, request.book_id, request, _remove_some, lambda _: unlink_group, UnlinkGroupResponse
    )


async def unlink_group(tx: WriteTx, request: UnlinkGroupRequest) -> UnlinkGroupResponse:
    """The only commit, or the last one."""
    link = await get_noun(tx, LINKS, request)
    if not request.keep_transactions:
        await _require_unlocked(tx, link)
        followed = await _list_followed(tx, link, SLICE_MAX + 1)
        if len(followed) > SLICE_MAX:
            raise MoreThanOneCommit
        await post(tx, [Step(each, None) for each in followed])
        await _remove_accounts(tx, link)
    return UnlinkGroupResponse(link=_stopped(tx, link))


async def _remove_some(tx: WriteTx, request: UnlinkGroupRequest) -> UnlinkGroupResponse:
    """A commit before the last. Nothing more arrives from the first one on."""
    link = await get_noun(tx, LINKS, request)
    await _require_unlocked(tx, link)
    await post(tx, [Step(each, None) for each in await _list_followed(tx, link, SLICE_MAX)])
    return UnlinkGroupResponse(link=_stopped(tx, link))


def _stopped(tx: WriteTx, link: GroupLink) -> GroupLink:
    return stop(tx, link) if link.state == ACTIVE else link


async def _list_followed(tx: WriteTx, link: GroupLink, limit: int) -> list[Transaction]:
    """What arrived through the link and is there still. All of it is on a receivable account; what else is booked there is left out."""
    found, after_id = list[Transaction](), ID_MIN
    while True:
        rows = await tx.fetch(
            queries.BOOKED_ON(space_id=tx.space_id, ids=made_accounts(link), after_id=after_id, limit=SLICE_MAX)
        )
        found += [each for each in (tx.open(TRANSACTION, row) for row in rows) if each.link_id == link.id]
        if len(found) >= limit or len(rows) < SLICE_MAX:
            return found[:limit]
        after_id = rows[-1][0]


async def _require_unlocked(tx: WriteTx, link: GroupLink) -> None:
    """Before the first of it goes: a statement covers none of it."""
    after_id = ID_MIN
    while True:
        rows = await tx.fetch(
            queries.RECONCILED_ON(
                space_id=tx.space_id,
                ids=made_accounts(link),
                after_id=after_id,
                limit=SLICE_MAX,
                status=RECONCILED,
            )
        )
        for row in rows:
            transaction = tx.open(TRANSACTION, row)
            if transaction.link_id == link.id:
                require_unlocked(transaction, None, unlock=False)
        if len(rows) < SLICE_MAX:
            return
        after_id = rows[-1][0]


async def _remove_accounts(tx: WriteTx, link: GroupLink) -> None:
    """Those that were made for the link and that nothing else needs."""
    made = made_accounts(link)
    await tx.flush()
    used, rows = await tx.fetch_all(
        queries.STILL_USED(space_id=tx.space_id, ids=made), ACCOUNTS(space_id=tx.space_id, ids=made)
    )
    booked = {row[0] for row in used}
    templates = await find_all(tx, TEMPLATES, lambda _: True)
    for row in rows:
        account = tx.open(ACCOUNT, (row[0], row[1], row[2]))
        if row[0] not in booked and not any(is_named(each.draft, account.id) for each in templates):
            tx.delete(ACCOUNT, account)
