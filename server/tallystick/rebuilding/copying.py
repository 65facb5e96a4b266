"""What is a copy of a space? All that it was, with its history, for whoever makes it alone."""

from collections.abc import Sequence

from google.protobuf.message import Message

from tallystick.rebuilding.gaps import Gaps
from tallystick.rebuilding.reading import Entry
from tallystick.rebuilding.refusals import judging
from tallystick.rebuilding.rules import FILE, MEMBER, is_own_member
from tallystick.rebuilding.shape import Shape
from tallystick.rebuilding.source import Source
from tallystick.rebuilding.states import open_state
from tallystick.rebuilding.work import BATCH, Others, Tell, Work
from tallystick.store import door
from tallystick.store.replay import SET_SEQ, UNSEEN
from tallystick.store.tx import WriteTx
from tallystick.times import to_timestamp
from tallystick.v1.role_pb2 import Role
from tallystick.v1.space_pb2 import Member, MemberState


class Copying(Work):
    """A space that is made."""

    def __init__(
        self,
        tx: WriteTx,
        request: Message,
        shape: Shape,
        others: Others,
        source: Source,
        tell: Tell,
        name: str,
        owner_name: str,
    ) -> None:
        self._name = name
        self._owner_name = owner_name
        self._gaps = Gaps()
        super().__init__(tx, request, shape, others, source, tell)

    def _prepare(self) -> None:
        self.head, self.first = 0, self.source.seq + 1

    async def _require(self) -> None:
        pass

    async def _bring_back(self) -> None:
        batch = list[Entry]()
        async for entry in self.entries():
            self.shape.in_copy(entry, self.tx.caller)
            with judging(entry.kind):
                self._gaps.see(entry, self.shape.names_in(entry))
            batch.append(entry)
            if len(batch) == BATCH:
                await self._write(batch)
                batch = []
        await self._write(batch)

    async def _write(self, batch: Sequence[Entry]) -> None:
        await self.history.write(batch, on_top=False)
        self.tell(self.history.written)

    async def _change(self) -> None:
        await self._delete_unseen()
        await self._fill_gaps()
        is_member = False
        caller = self.tx.caller
        async for state in self.states_of(self.shape.changing):
            after = self.shape.of_copy(state, caller, self._name)
            if after is not None and not state.is_deleted:
                await self.top.put(state.kind, state.message, after)
            is_member |= is_own_member(state, caller.user_id)
        if not is_member:
            await self.top.put(MEMBER, None, self._compose_owner())
        await self.top.flush()
        await self.delete_without_content()

    async def _delete_unseen(self) -> None:
        """What its user saw once, and not any more when it was saved."""
        rows = await self.view.fetch(UNSEEN(space_id=self.view.space_id))
        for row in rows:
            state = open_state(self.view, self.shape.entities, row)
            await self.top.delete(state.kind, state.message)
        await self.top.flush()

    async def _fill_gaps(self) -> None:
        for name in self._gaps.found():
            stand_in = self.shape.stand_in(name, self.tx.space_id)
            await self.top.put(name.kind, None, stand_in)
            if name.kind == FILE:
                await self.top.delete(name.kind, stand_in)
        await self.top.flush()

    def _compose_owner(self) -> Member:
        return Member(
            id=str(self.tx.new_id()),
            space_id=str(self.tx.space_id),
            user_id=str(self.tx.caller.user_id),
            display_name=self._owner_name,
            role=Role.ROLE_OWNER,
            state=MemberState.MEMBER_STATE_ACTIVE,
            joined_at=to_timestamp(self.tx.now),
        )

    async def _finish(self) -> None:
        space_id, seq = self.tx.space_id, self.top.seq
        beside = await self.beside(self.source.space_id)
        await self.view.fetch_all(*beside, SET_SEQ(of_space=space_id, seq=seq), door.FOUND_CONTEXT(seq=seq))
        self.tx.audit("space_brought_back")
