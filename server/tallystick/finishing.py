"""What is done to a restored database before anybody works with it? Erasures that were begun are finished, and every space is proven."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from tallystick import schema
from tallystick.clock import Clock
from tallystick.config import Config
from tallystick.errors import NotVisible
from tallystick.groups.proof.proving import GroupProof
from tallystick.identity.assembly import Identity
from tallystick.identity.traces import Traces
from tallystick.ledger.proof.proving import BookProof
from tallystick.notifications.due.devices import NotedDevices
from tallystick.proof.proving import Proof, entities_of
from tallystick.proof.spaces import SPACES, list_spaces
from tallystick.store.apart import Apart
from tallystick.store.keyring import Keyring
from tallystick.store.pool import open_pool
from tallystick.store.statements import Call
from tallystick.store.store import Store
from tallystick.v1.space_pb2 import SpaceKind

POOL_SIZE = 2

Tell = Callable[[str], None]


def compose_finish(
    config: Config, traces: Sequence[Traces], tell: Tell
) -> Callable[[str, Keyring], Awaitable[frozenset[UUID]]]:
    """Works on the database of a URL. Returns the spaces that differ in themselves, each of which is told."""

    async def finish(url: str, keyring: Keyring) -> frozenset[UUID]:
        async with open_pool(url, POOL_SIZE) as pool:
            store = Store(pool, keyring, Clock(), nudge=lambda space_id: None)
            await _finish_erasures(config, store, traces)
            return await _prove(store, tell)

    return finish


async def list_differing(url: str, keyring: Keyring, among: Collection[UUID]) -> frozenset[UUID]:
    """Those of some spaces that differ in themselves in the database of a URL. One that is not there does not."""
    async with open_pool(url, POOL_SIZE) as pool:
        store = Store(pool, keyring, Clock(), nudge=lambda space_id: None)
        return await _prove(store, lambda line: None, among)


async def _finish_erasures(config: Config, store: Store, traces: Sequence[Traces]) -> None:
    identity = Identity(config, store, Apart(store), traces, NotedDevices())
    try:
        while await identity.service.erasure.resume():
            pass
    finally:
        await identity.close()


async def _prove(store: Store, tell: Tell, among: Collection[UUID] | None = None) -> frozenset[UUID]:
    """`among`: only these."""
    entities = entities_of(schema)
    proofs: dict[SpaceKind.ValueType, Proof[Any]] = {
        SpaceKind.SPACE_KIND_BOOK: BookProof(store, entities),
        SpaceKind.SPACE_KIND_GROUP: GroupProof(store, entities),
    }
    proven, differing = 0, set[UUID]()
    for kind, proof in proofs.items():
        async for space_id in list_spaces(Apart(store), partial(_page_of, kind)):
            if among is not None and space_id not in among:
                continue
            try:
                verdict = await proof.of_space(space_id, lambda step: None)
            except NotVisible:
                continue
            proven += 1
            if verdict.differences:
                differing.add(space_id)
                tell(f"differs: {space_id} in {verdict.differences} places")
    tell(f"proven: {proven} spaces, {len(differing)} of them differ")
    return frozenset(differing)


def _page_of(kind: SpaceKind.ValueType, first: UUID) -> Call[UUID]:
    return SPACES(kind=kind, first=first)
