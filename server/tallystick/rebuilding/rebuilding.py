"""How does a space come back? Written from its journal in one transaction, and proven before anybody sees it.

The journal is the truth: an entity's row is its newest state, and all else follows from those. So the journal is written as it was, the
rows from it, and whatever does not hold of what came of that takes everything back.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID, uuid5

from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import StringValue

from tallystick.caller import Caller
from tallystick.errors import Unavailable
from tallystick.identity.queries import get_me
from tallystick.rebuilding.copying import Copying
from tallystick.rebuilding.in_place import InPlace
from tallystick.rebuilding.refusals import unsound
from tallystick.rebuilding.shape import Shape
from tallystick.rebuilding.source import Rebuilt, Source
from tallystick.rebuilding.work import Others, Tell, Work
from tallystick.spaces.rules import require_owner
from tallystick.store.store import Store
from tallystick.store.tx import WriteTx
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.space_pb2 import SpaceKind

# Each holds a connection, and the lock of its space, as long as it takes.
AT_ONCE = 1
RETRY_AFTER_S = 1.0


class Rebuilding:
    """Brings spaces back."""

    def __init__(self, store: Store, shapes: Sequence[Shape], others: Others) -> None:
        self._store = store
        self._shapes = {shape.kind: shape for shape in shapes}
        self._others = others
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def into_new(self, caller: Caller, request: Message, source: Source, name: str, tell: Tell) -> Rebuilt:
        """A space of the caller's alone. Its id follows from who asks with which request, so that a repeat finds it made. `name`: what it
        is called. Empty: what it was."""
        shape = self._shape_of(source.kind)
        space_id, me = new_id_of(caller.user_id, request), await get_me(self._store, caller, request)

        async def command(tx: WriteTx, request: Message) -> StringValue:
            return _said(
                await self._run(Copying(tx, request, shape, self._others, source, tell, name, me.display_name))
            )

        async with self._turns:
            answer = await self._store.found_with_members(
                caller, source.kind, space_id, request, _once(command), StringValue
            )
        return _heard(answer)

    async def over(self, caller: Caller, request: Message, source: Source, tell: Tell) -> Rebuilt:
        """In its place. Only for its owners. Who is in it, and who may come in, stays as it is."""
        shape = self._shape_of(source.kind)

        async def command(tx: WriteTx, request: Message) -> StringValue:
            require_owner(tx.role)
            return _said(await self._run(InPlace(tx, request, shape, self._others, source, tell)))

        async with self._turns:
            answer = await self._store.write(caller, source.space_id, request, _once(command), StringValue)
        return _heard(answer)

    def _shape_of(self, kind: SpaceKind.ValueType) -> Shape:
        shape = self._shapes.get(kind)
        if shape is None:
            raise unsound("space.kind")
        return shape

    async def _run(self, work: Work) -> Rebuilt:
        try:
            return await work.run()
        except BaseException:
            # Nothing of this is committed, so nobody speaks of what was put.
            await work.undo()
            raise


def new_id_of(user_id: UUID, request: Any) -> UUID:
    """Of the space that a request of a user's makes."""
    return uuid5(user_id, f"rebuilt {UUID(request.request_id)}")


Command = Callable[[WriteTx, Message], Awaitable[StringValue]]


def _once(command: Command) -> Command:
    """A source is read once: whoever has to begin again must bring it again."""
    has_begun = False

    async def run(tx: WriteTx, request: Message) -> StringValue:
        nonlocal has_begun
        if has_begun:
            raise Unavailable(
                ErrorReason.ERROR_REASON_DATABASE_UNAVAILABLE, "The space is busy.", retry_after_s=RETRY_AFTER_S
            )
        has_begun = True
        return await command(tx, request)

    return run


def _said(rebuilt: Rebuilt) -> StringValue:
    """As the door keeps it for whoever repeats the request."""
    return StringValue(value=json.dumps([str(rebuilt.space_id), rebuilt.entities, rebuilt.revisions, rebuilt.files]))


def _heard(answer: StringValue) -> Rebuilt:
    space_id, entities, revisions, files = json.loads(answer.value)
    return Rebuilt(UUID(space_id), entities, revisions, files)
