"""Who makes a walk's calls? Signed-in people, who make a call again as long as the server is away."""

import asyncio
from collections.abc import Mapping
from typing import Any, ClassVar

import grpc

from model.looking import Looker
from model.noun_dice import WEIGHTS
from model.state import Book
from model.walk import Walk
from people import Client, Person, new_id, read_refusal, sign_up
from rpc.spaces.sharing import EDITOR, OWNER, VIEWER, share
from tallystick_client.v1.group_balances_pb2 import GroupVerdict
from tallystick_client.v1.ledger_proof_pb2 import Verdict, VerifyBookRequest
from tallystick_client.v1.ledger_service_pb2 import CreateBookRequest
from tallystick_client.v1.ledger_service_pb2_grpc import LedgerServiceStub
from tallystick_client.v1.space_service_pb2 import GetSpaceRequest

PAUSE_S = 0.02
# A call that was not answered by then says that something hangs.
CALL_TIMEOUT_S = 60.0


class People:
    """An owner, an editor and a viewer, who share books."""

    # How often they give each command.
    weights: ClassVar[Mapping[str, int]] = WEIGHTS

    def __init__(self, owner: Person, editor: Person, viewer: Person) -> None:
        self.owner, self.editor, self.viewer = owner, editor, viewer
        self.calls_repeated = 0
        self.calls_running = 0
        # Not set: the server is away, and there is no use in calling.
        self.is_served = asyncio.Event()
        self.is_served.set()
        # Held by whoever makes calls that are not repeated.
        self.undisturbed = asyncio.Lock()

    @property
    def by_id(self) -> Mapping[str, Person]:
        return {each.user.id: each for each in (self.owner, self.editor, self.viewer)}

    async def call(self, user: str, rpc: str, request: Any) -> Any:
        while True:
            await self.is_served.wait()
            self.calls_running += 1
            try:
                return await getattr(self.stub_of(user, rpc), rpc)(request, timeout=CALL_TIMEOUT_S)
            except grpc.aio.AioRpcError as error:
                if error.code() != grpc.StatusCode.UNAVAILABLE:
                    return read_refusal(error)
            finally:
                self.calls_running -= 1
            self.calls_repeated += 1
            await asyncio.sleep(PAUSE_S)

    def stub_of(self, user: str, rpc: str) -> Any:
        """Where this call is made."""
        return self.by_id[user].ledger

    def looker(self, walk: Any) -> Looker:
        """Who reads what the walk has left behind."""
        return Looker(walk)

    async def verify(self, book_id: str) -> Verdict | GroupVerdict:
        """What the server's own proof of the book comes to."""
        async with self.undisturbed:
            return await prove_book(self.viewer, book_id)

    async def begin(self, name: str, seed: object) -> Walk:
        """A walk in a new book."""
        async with self.undisturbed:
            book = await self._make_book()
        walk = Walk(self, book, self.owner.user.id, self.editor.user.id, name)
        await walk.begin(seed)
        return walk

    async def _make_book(self) -> Book:
        made = await self.owner.ledger.CreateBook(
            CreateBookRequest(request_id=new_id(), name="Home", base_currency="EUR")
        )
        book_id = made.book.id
        await share(self.owner, book_id, self.editor, EDITOR)
        await share(self.owner, book_id, self.viewer, VIEWER)
        roles = {self.owner.user.id: OWNER, self.editor.user.id: EDITOR, self.viewer.user.id: VIEWER}
        # How many commits it took to bring them together, only the server knows.
        space = await self.owner.spaces.GetSpace(GetSpaceRequest(space_id=book_id))
        return Book(book_id, roles, seq=space.space.head, next_seq=space.space.head + 1)

    def move(self, client: Client) -> None:
        """The same people, signed in as they are, at a server that was started again."""
        self.owner, self.editor, self.viewer = (moved(each, client) for each in (self.owner, self.editor, self.viewer))


def moved(person: Person, client: Client) -> Person:
    return Person(client, person.email, person.password, person.user, person.tokens)


async def prove_book(person: Person, book_id: str) -> Verdict:
    """What the server's own proof of a book comes to."""
    stub = LedgerServiceStub(person.channel)
    steps = stub.VerifyBook(VerifyBookRequest(book_id=book_id), metadata=person.metadata)
    found = [step async for step in steps]
    verdict: Verdict = found[-1].verdict
    assert verdict.holds, "\n".join(str(step.difference) for step in found if step.HasField("difference"))
    return verdict


async def make_people(client: Client) -> People:
    return People(await sign_up(client, "Ann"), await sign_up(client, "Eve"), await sign_up(client, "Vic"))
