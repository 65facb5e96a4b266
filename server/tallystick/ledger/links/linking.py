"""How does a book begin to follow a group? Two spaces are read one after the other and only the book is written: whether the caller is
in the group is known before the book's write door opens."""

from functools import partial
from uuid import UUID

from tallystick.caller import Caller
from tallystick.errors import Duplicate, NotVisible
from tallystick.groups.members.queries import read_roster
from tallystick.groups.profiles.queries import get_group
from tallystick.ledger.links import rules
from tallystick.ledger.links.commands import begin, make_canonical, require_usable
from tallystick.ledger.links.queries import ACTIVE, LINKS
from tallystick.ledger.tables import GROUP_LINK
from tallystick.spaces.rules import is_in
from tallystick.store.command import MoreThanOneCommit
from tallystick.store.store import Store
from tallystick.store.tx import WriteTx
from tallystick.times import to_timestamp
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.group_pb2 import GetGroupRequest
from tallystick.v1.ledger_links_pb2 import GroupLink, LinkGroupToBookRequest, LinkGroupToBookResponse


async def link_group(store: Store, caller: Caller, request: LinkGroupToBookRequest) -> LinkGroupToBookResponse:
    # A repeat is answered also when the caller has left the group since.
    first = await store.find_answer(caller, request.book_id, request, LinkGroupToBookResponse)
    if first is not None:
        return first
    member_id = await _get_member_id(store, caller, request.group_id)
    command = partial(_link, member_id=member_id)
    return await store.write(caller, request.book_id, request, command, LinkGroupToBookResponse)


async def link_in_one_commit(tx: WriteTx, request: LinkGroupToBookRequest) -> LinkGroupToBookResponse:
    """Inside one commit of the book nobody can look into the group."""
    raise MoreThanOneCommit


async def _get_member_id(store: Store, caller: Caller, group_id: str) -> UUID:
    asked = GetGroupRequest(group_id=group_id)
    tx = store.reader(caller, group_id, asked)
    # A space of another kind is no group.
    await get_group(tx)
    member = (await read_roster(tx)).find_user(caller.user_id)
    if member is None or not is_in(member):
        raise NotVisible
    return UUID(member.id)


async def _link(tx: WriteTx, request: LinkGroupToBookRequest, *, member_id: UUID) -> LinkGroupToBookResponse:
    link_id = rules.link_id_of(tx.space_id, UUID(request.group_id), member_id)
    rows = await tx.fetch(LINKS.by_id(space_id=tx.space_id, id=link_id))
    before = tx.open(GROUP_LINK, rows[0]) if rows else None
    if before is not None and before.state == ACTIVE:
        raise Duplicate(
            ErrorReason.ERROR_REASON_ALREADY_LINKED,
            "The book follows the group already.",
            metadata={"link_id": before.id},
        )
    link = GroupLink(
        id=str(link_id),
        book_id=str(tx.space_id),
        group_id=str(UUID(request.group_id)),
        member_id=str(member_id),
        user_id=str(tx.caller.user_id),
        paid_from_account_id=request.paid_from_account_id,
        categories=request.categories,
        default_category_id=request.default_category_id,
        accounts=before.accounts if before else (),
        created_at=before.created_at if before else to_timestamp(tx.now),
    )
    make_canonical(link)
    await require_usable(tx, GroupLink(), link)
    begin(tx, link)
    return LinkGroupToBookResponse(link=tx.put(GROUP_LINK, before, link) if before else tx.add(GROUP_LINK, link))
