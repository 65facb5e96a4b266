"""What lies in several spaces at once? The caller's spaces, and the invitations sent to the caller."""

import asyncio
from collections.abc import Awaitable, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from tallystick.caller import Caller
from tallystick.errors import NotVisible
from tallystick.spaces import queries, rules
from tallystick.spaces.parts import Parts
from tallystick.spaces.queries import ID_MAX, Head, Route
from tallystick.store.pages import Page, page_size
from tallystick.v1.space_pb2 import Invitation, Space
from tallystick.v1.space_service_pb2 import ListInvitationsRequest, ListSpacesRequest

# So many spaces are read side by side: one caller's list must not take all connections.
READS_AT_ONCE = 4

T = TypeVar("T")


async def list_spaces(parts: Parts, caller: Caller, request: ListSpacesRequest) -> Page[Space]:
    """A page, oldest first, each space as it is when it is looked at."""
    size = page_size(request.page_size)
    after = parts.pages.position(caller, request)
    start = {"user_id": caller.user_id, "kind": request.kind, "limit": size + 1}
    if after is None:
        rows = await parts.apart.fetch(queries.SPACES_OF_USER(**start))
    else:
        moment, last_id = datetime.fromisoformat(after[0]), UUID(after[1])
        rows = await parts.apart.fetch(queries.SPACES_OF_USER_AFTER(**start, after=moment, after_id=last_id))
    found = await _gather([_find_space(parts, caller, request, Head(*row[:4])) for row in rows[:size]])
    last = (rows[size - 1][4].isoformat(), str(rows[size - 1][0])) if len(rows) > size else ()
    return Page([space for space in found if space], last)


async def list_received(
    parts: Parts, caller: Caller, request: ListInvitationsRequest, email_hash: bytes
) -> Page[Invitation]:
    """A page of the open invitations to an address, newest first. The ended ones among them are passed over."""
    size, now = page_size(request.page_size), parts.store.clock.now()
    position = parts.pages.position(caller, request)
    before = UUID(position[0]) if position else ID_MAX
    found: list[Invitation] = []
    while len(found) <= size:
        rows = await parts.apart.fetch(queries.ROUTES_BEFORE(lookup=email_hash, after_id=before, limit=size + 1))
        read = await _gather([_find_invitation(parts, caller, request, Route(*row)) for row in rows])
        found += [invitation for invitation in read if invitation and rules.is_open(invitation, now)]
        if len(rows) <= size:
            break
        before = rows[-1][0]
    return Page(found[:size], (found[size - 1].id,) if len(found) > size else ())


async def _find_space(parts: Parts, caller: Caller, request: ListSpacesRequest, head: Head) -> Space | None:
    try:
        return await queries.describe(parts.store.reader(caller, head.id, request), head, parts.names)
    except NotVisible:
        # Left, removed or erased since the list was read.
        return None


async def _find_invitation(
    parts: Parts, caller: Caller, request: ListInvitationsRequest, route: Route
) -> Invitation | None:
    tx = parts.store.reader_invited(caller, route.space_id, request)
    return await queries.find_invitation(tx, route.invitation_id)


async def _gather(work: Sequence[Awaitable[T]]) -> list[T]:
    free = asyncio.Semaphore(READS_AT_ONCE)

    async def one(waiting: Awaitable[T]) -> T:
        async with free:
            return await waiting

    return await asyncio.gather(*(one(waiting) for waiting in work))
