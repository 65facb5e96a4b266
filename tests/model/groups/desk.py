"""Who makes a walk's calls in a group? An owner, an editor and a viewer, and somebody who is removed from it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from random import Random
from typing import Any, ClassVar

from model.desk import People, moved, prove_book
from model.groups.bridge import Linked, link
from model.groups.command_dice import WEIGHTS
from model.groups.looking import GroupLooker
from model.groups.state import Party
from model.groups.walk import GroupWalk
from model.state import Put
from people import Client, Person, make_book, new_id, sign_up
from rpc.spaces.sharing import EDITOR, OWNER, VIEWER, share
from tallystick_client.v1 import ledger_service_pb2 as ledger
from tallystick_client.v1.group_balances_pb2 import GroupVerdict, VerifyGroupRequest
from tallystick_client.v1.group_pb2 import CreateGroupRequest, GetGroupRequest
from tallystick_client.v1.ledger_pb2 import CategoryKind
from tallystick_client.v1.space_service_pb2 import GetSpaceRequest, ListMembersRequest

LOOK_EVERY_S = 0.05
# Of so many groups two books know.
FOLLOWED = 0.8


class Sharers(People):
    """People who share expenses. Two of them have books that follow what they share."""

    weights: ClassVar[Mapping[str, int]] = WEIGHTS

    def __init__(self, owner: Person, editor: Person, viewer: Person, leaver: Person) -> None:
        super().__init__(owner, editor, viewer)
        self.leaver = leaver
        # Given where the server runs no jobs: it takes books to where their groups are.
        self.follow: Callable[[], Awaitable[object]] | None = None

    @property
    def by_id(self) -> Mapping[str, Person]:
        return {**super().by_id, self.leaver.user.id: self.leaver}

    def stub_of(self, user: str, rpc: str) -> Any:
        person = self.by_id[user]
        return person.groups if hasattr(person.groups, rpc) else person.ledger

    def looker(self, walk: Any) -> GroupLooker:
        return GroupLooker(walk, self)

    async def verify(self, book_id: str) -> GroupVerdict:
        """What the server's own proof of the group comes to."""
        async with self.undisturbed:
            steps = self.owner.proofs.VerifyGroup(VerifyGroupRequest(group_id=book_id))
            found = [step async for step in steps]
        verdict: GroupVerdict = found[-1].verdict
        assert verdict.holds, "\n".join(str(step.difference) for step in found if step.HasField("difference"))
        return verdict

    async def wait_for_books(self) -> None:
        await (self.follow() if self.follow else asyncio.sleep(LOOK_EVERY_S))

    async def verify_book(self, linked: Linked) -> None:
        async with self.undisturbed:
            await prove_book(self.by_id[linked.user], linked.book_id)

    async def begin(self, name: str, seed: object) -> GroupWalk:
        """A walk in a new group."""
        async with self.undisturbed:
            party = await self._make_party()
            party.is_followed = Random(f"{seed}").random() < FOLLOWED
            keepers = (self.owner, self.editor) if party.is_followed else ()
            linked = [await self._link(each, party.id) for each in keepers]
        walk = GroupWalk(
            self, party, self.owner.user.id, self.editor.user.id, name, leaver=self.leaver.user.id, linked=linked
        )
        await walk.begin(seed)
        return walk

    async def _make_party(self) -> Party:
        request = CreateGroupRequest(
            request_id=new_id(), name="Flat", default_currency="EUR", guests=["Gus", "Hal", "Ida"]
        )
        group_id = (await self.owner.groups.CreateGroup(request)).group.id
        roles = {self.owner.user.id: OWNER}
        for person, role in ((self.editor, EDITOR), (self.viewer, VIEWER), (self.leaver, EDITOR)):
            await share(self.owner, group_id, person, role)
            roles[person.user.id] = role
        # How many commits it took to bring them together, only the server knows.
        space = await self.owner.spaces.GetSpace(GetSpaceRequest(space_id=group_id))
        group = await self.owner.groups.GetGroup(GetGroupRequest(group_id=group_id))
        members = await self.owner.spaces.ListMembers(ListMembersRequest(space_id=group_id))
        party = Party(group_id, roles)
        named = sorted(members.members, key=lambda each: each.display_name)
        party.commit([Put(each) for each in (group.group, *named)], space.space.head)
        return party

    async def _link(self, person: Person, group_id: str) -> Linked:
        book = await make_book(person)
        kind = CategoryKind.CATEGORY_KIND_EXPENSE
        others = [
            await person.ledger.CreateCategory(
                ledger.CreateCategoryRequest(request_id=new_id(), book_id=book.id, name=name, kind=kind)
            )
            for name in ("Fun", "Else")
        ]
        categories = [book.spending_id, *(each.category.id for each in others)]
        return await link(self, person.user.id, group_id, book.id, book.account_id, categories)

    def move(self, client: Client) -> None:
        super().move(client)
        self.leaver = moved(self.leaver, client)


async def make_sharers(client: Client) -> Sharers:
    return Sharers(*[await sign_up(client, name) for name in ("Ann", "Eve", "Vic", "Rex")])
