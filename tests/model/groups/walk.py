"""Does the server do in a group what the model does, step by step?"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, ClassVar

from model.dice import Asked
from model.groups import model
from model.groups.bridge import Linked
from model.groups.command_dice import GroupDice
from model.groups.state import Party
from model.model import Plan
from model.walk import Walk


@dataclass
class GroupWalk(Walk):
    """A group as the model has it, beside the one that the server has, and the books that follow it."""

    space_field: ClassVar[str] = "group_id"

    book: Party
    # Somebody who shared expenses, and is removed at once.
    leaver: str = field(kw_only=True)
    linked: Sequence[Linked] = field(default=(), kw_only=True)

    async def begin(self, seed: object) -> None:
        dice = self._dice(seed)
        leaver = self.book.member_of(self.leaver)
        assert leaver is not None
        for number in range(2):
            asked = dice.create_expense(self.owner)
            draft = asked.request.expense
            draft.ClearField("refund_of_id")
            draft.ClearField("payers")
            draft.split.Clear()
            draft.split.equal.member_ids.extend(self.book.present())
            await self._take([asked if number else Asked(self.leaver, asked.request)])
        gone = dice.leave_group(self.owner).request
        gone.member_id = leaver.id
        gone.settled.SetInParent()
        await self._take([Asked(self.owner, gone)])

    def _dice(self, seed: object, *, alone: bool = True) -> Any:
        return GroupDice(Random(f"{seed}"), self.book, alone=alone)

    def _plan(self, asked: Asked, said: Any) -> Plan:
        return model.plan(self.book, *asked, said)

    def space_ids(self) -> list[str]:
        return [self.book.id, *(each.book_id for each in self.linked)]

    def _repeatable(self) -> list[tuple[Asked, bytes]]:
        """Who may not ask for something any more is not answered, either, what they were answered once."""
        return [each for each in self.answered if model.is_open_to(self.book, *each[0])]
