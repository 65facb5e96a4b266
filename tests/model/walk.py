"""Does the server do what the model does, step by step? One book, its three members, and everything that they were answered."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import permutations
from random import Random
from typing import Any, ClassVar, NamedTuple, Protocol

from google.protobuf.message import Message

from model.dice import Asked
from model.model import Plan, plan
from model.noun_dice import AnyDice, starting
from model.state import Book, Refused, copied
from people import Refusal
from tallystick_client.v1.ledger_categories_pb2 import ListCategoriesRequest, MergeCategoriesRequest

TOGETHER_MAX = 6


class Mismatch(AssertionError):
    """The server does something else than the model."""


class Desk(Protocol):
    """Where calls are made, by whoever makes them. A call that was cut off is made again until it is answered."""

    async def call(self, user: str, rpc: str, request: Any) -> Any:
        """The answer, or a Refusal."""


class Heard(NamedTuple):
    """A command, and what came of it."""

    asked: Asked
    said: Any
    # The version that it made, where the answer does not say so.
    version: int = 0


def rpc_of(request: Message) -> str:
    return type(request).__name__.removesuffix("Request")


def plain(message: Any) -> Any:
    """An answer without what no model can know (when something was made), and with what has no order in one."""
    for part, value in message.ListFields():
        if part.name in ("created_at", "changed_at", "changed_by", "joined_at"):
            message.ClearField(part.name)
        elif part.message_type is not None:
            for each in value if part.is_repeated else [value]:
                plain(each)
            if part.name in ("balances", "other_balances"):
                value.sort(key=lambda balance: balance.account_id)
    return message


@dataclass
class Walk:
    """A book as the model has it, beside the one that the server has."""

    # What a request calls the space.
    space_field: ClassVar[str] = "book_id"

    desk: Desk
    book: Book
    owner: str
    editor: str
    name: str
    # The successes, with the bytes of the first answers: a repeat must get them again.
    answered: list[tuple[Asked, bytes]] = field(default_factory=list)
    refusals: int = 0
    steps: int = 0

    async def begin(self, seed: object) -> None:
        for asked in starting(self._dice(seed), self.owner, self.editor):
            await self._take([asked])

    def _dice(self, seed: object, *, alone: bool = True) -> Any:
        return AnyDice(Random(f"{seed}"), self.book, alone=alone)

    def _plan(self, asked: Asked, said: Any) -> Plan:
        return plan(self.book, *asked, said)

    def space_ids(self) -> list[str]:
        """All that the commands may have written in."""
        return [self.book.id]

    def _repeatable(self) -> list[tuple[Asked, bytes]]:
        return self.answered

    async def command(self, seed: object, name: str = "") -> None:
        await self._take([self._dice(seed).asked(name)])

    async def together(self, seed: object) -> None:
        """Several commands at once, some of them twice. What is answered must be right in some order."""
        dice = self._dice(seed, alone=False)
        asked = [dice.asked() for _ in range(dice.random.randint(2, TOGETHER_MAX))]
        if dice.chance(30):
            asked[-1] = asked[0]
        await self._take(asked)

    async def repeat(self, seed: object) -> None:
        """An earlier request again, or another one under its id."""
        dice = self._dice(seed)
        answered = self._repeatable()
        if not answered:
            return
        (user, request), first = dice.pick(answered)
        if dice.chance(25):
            other = copied(request)
            setattr(other, self.space_field, getattr(request, self.space_field).upper())
            said = await self.desk.call(user, rpc_of(request), other)
            is_refused = isinstance(said, Refusal) and said.reason == "REQUEST_ID_REUSED"
            self._require(is_refused, Asked(user, other), said, "REQUEST_ID_REUSED")
        else:
            said = await self.desk.call(user, rpc_of(request), request)
            self._require(wire_of(said) == first, Asked(user, request), said, "the first answer, byte for byte")
        self.steps += 1

    async def _take(self, asked: Sequence[Asked]) -> None:
        said = await asyncio.gather(*(self.desk.call(user, rpc_of(request), request) for user, request in asked))
        self.steps += len(asked)
        heard, first = list[Heard](), dict[str, bytes]()
        for each, answer in zip(asked, said, strict=True):
            request_id = each.request.request_id
            if isinstance(answer, Refusal):
                heard.append(Heard(each, answer))
            elif request_id in first:
                self._require(wire_of(answer) == first[request_id], each, answer, "what its twin was answered")
            else:
                first[request_id] = wire_of(answer)
                self.answered.append((each, first[request_id]))
                version = await self._merged_at(each) if len(asked) > 1 else 0
                heard.append(Heard(each, plain(answer), version))
        self._explain(heard)

    async def _merged_at(self, asked: Asked) -> int:
        """The version of a category that was hidden as it was merged. The answer to a merge shows only the one that stays."""
        user, request = asked
        if not isinstance(request, MergeCategoriesRequest):
            return 0
        listing = ListCategoriesRequest(book_id=request.book_id, deleted=True, archived=True, page_size=200)
        deleted = await self.desk.call(user, "ListCategories", listing)
        return next((each.version for each in deleted.categories if each.id == request.category_id.lower()), 0)

    def _explain(self, heard: Sequence[Heard]) -> None:
        """Finds an order in which the model gives these answers, and goes along with it."""
        before, failed = self.book.copy() if len(heard) > 1 else self.book, list[str]()
        for order in permutations(heard):
            failed.append(self._explain_in_order(list(order)))
            if not failed[-1]:
                return
            self.book = before.copy()
        raise Mismatch(f"{self.name}, after {self.steps} steps, at seq {before.seq}: no order explains\n{failed[0]}")

    def _explain_in_order(self, pending: list[Heard]) -> str:
        """Why it cannot be, if it cannot. The versions in the answers leave little choice."""
        while pending:
            found = [(each, fitting) for each in pending if (fitting := self._fits(each)) is not None]
            if not found:
                return "\n".join(self._describe(each) for each in pending)
            each, fitting = min(found, key=lambda pair: _rank(pair[1]))
            pending.remove(each)
            if fitting.answer is None:
                self.refusals += 1
            else:
                self.book.commit(fitting.puts, self.book.next_seq)
        return ""

    def _fits(self, heard: Heard) -> Plan | None:
        """What the command comes to now, if that is what was answered. No answer: it is rightly refused."""
        is_refused = isinstance(heard.said, Refusal)
        try:
            found = self._plan(heard.asked, None if is_refused else heard.said)
        except Refused as refused:
            return Plan(None, []) if is_refused and heard.said.reason in refused.reasons else None
        is_right = not is_refused and plain(found.answer) == heard.said
        return found if is_right and heard.version in (0, self.book.next_seq) else None

    def _describe(self, heard: Heard) -> str:
        try:
            said = None if isinstance(heard.said, Refusal) else heard.said
            wanted = str(plain(self._plan(heard.asked, said).answer))
        except Refused as refused:
            wanted = f"refused: {refused}"
        return _compared(heard.asked, wanted, heard.said)

    def _require(self, holds: bool, asked: Asked, said: Any, wanted: str) -> None:
        if not holds:
            at = f"{self.name}, after {self.steps} steps, at seq {self.book.seq}"
            raise Mismatch(f"{at}\n{_compared(asked, wanted, said)}")


def _rank(fitting: Plan) -> int:
    """A refusal takes no place in the order; a change has the place that its version says; what changed nothing may fill any gap."""
    if fitting.answer is None:
        return 0
    return 1 if fitting.puts else 2


def _compared(asked: Asked, wanted: str, said: Any) -> str:
    heard = f"refused: {said.reason} {said.fields} {said.metadata}" if isinstance(said, Refusal) else str(said)
    return f"{rpc_of(asked.request)} by {asked.user}\n{asked.request}\n-- wanted\n{wanted}\n-- said\n{heard}"


def wire_of(said: Any) -> bytes:
    return b"" if isinstance(said, Refusal) else bytes(said.SerializeToString(deterministic=True))
