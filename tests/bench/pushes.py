"""How fast does an outbox go up? Ten thousand offline expenses, pushed in calls of five hundred, next to the same rows in batches."""

import time
from collections.abc import Collection, Sequence
from typing import Any
from uuid import uuid4

import grpc

from bench.batches import PATH as BATCH_PATH
from bench.batches import _batch
from bench.books import Book, bearer, make_books, make_owner
from bench.effort import Effort
from bench.figures import Figure, at_least
from bench.place import Place
from people import Person
from tallystick.store.journal import CHANGES_MAX
from tallystick.v1.sync_mutation_pb2 import Mutation
from tallystick.v1.sync_pb2 import Outcome
from tallystick.v1.sync_service_pb2 import PushRequest, PushResponse

NAMES = ("push_10k_vs_batch_create",)
PATH = "/tallystick.v1.SyncService/Push"
TARGET = 0.4
ROWS = 10_000


async def measure(place: Place, effort: Effort, wanted: Collection[str]) -> list[Figure]:
    person, owner = await make_owner(place.server)
    books = await make_books(place, owner, 2)
    calls = ROWS // CHANGES_MAX
    ours, floor = [], []
    for _ in range(effort.rounds):
        pushes = [_push(books[0]) for _ in range(calls)]
        ours.append(await _rate(place, person, PATH, pushes, _require_applied))
        batches = [_batch(books[1]) for _ in range(calls)]
        for batch in batches:
            batch.request_id = str(uuid4())
        floor.append(await _rate(place, person, BATCH_PATH, [batch.SerializeToString() for batch in batches], None))
    return [at_least(NAMES[0], ours, floor, "rows/s", TARGET)]


def _push(book: Book) -> bytes:
    mutations = [
        Mutation(create_transaction=book.expense(1, request_id=str(uuid4()), transaction_id=str(uuid4())))
        for _ in range(CHANGES_MAX)
    ]
    return PushRequest(space_id=str(book.id), mutations=mutations).SerializeToString()


async def _rate(place: Place, person: Person, path: str, bodies: Sequence[bytes], check: Any) -> float:
    async with grpc.aio.insecure_channel(f"127.0.0.1:{place.server.port}") as channel:
        call: Any = channel.unary_unary(path)
        started = time.perf_counter()
        answers = [await call(body, metadata=bearer(person)) for body in bodies]
        spent = time.perf_counter() - started
    for answer in answers:
        if check is not None:
            check(answer)
    return len(bodies) * CHANGES_MAX / spent


def _require_applied(answer: bytes) -> None:
    outcomes = {result.outcome for result in PushResponse.FromString(answer).results}
    assert outcomes == {Outcome.OUTCOME_APPLIED}, f"some were not applied: {outcomes}"
