"""What is done to a restored database before anybody works with it? Erasures that were begun are finished, and every space is proven."""

from tallystick import app, schema
from tallystick.backups.whole.restoring import Finish
from tallystick.cli.check import check_books, check_groups
from tallystick.clock import Clock
from tallystick.config import Config
from tallystick.groups.proof.proving import GroupProof
from tallystick.identity.assembly import Identity
from tallystick.ledger.proof.proving import BookProof
from tallystick.notifications.due.devices import NotedDevices
from tallystick.proof.proving import entities_of
from tallystick.store.apart import Apart
from tallystick.store.keyring import Keyring
from tallystick.store.pool import open_pool
from tallystick.store.store import Store

POOL_SIZE = 2


def compose_finish(config: Config) -> Finish:
    async def finish(url: str, keyring: Keyring) -> int:
        async with open_pool(url, POOL_SIZE) as pool:
            store = Store(pool, keyring, Clock(), nudge=lambda space_id: None)
            await _finish_erasures(config, store)
            entities = entities_of(schema)
            books = await check_books(store, BookProof(store, entities), None)
            groups = await check_groups(store, GroupProof(store, entities), None)
            return (books or 0) + (groups or 0)

    return finish


async def _finish_erasures(config: Config, store: Store) -> None:
    identity = Identity(config, store, Apart(store), app.TRACES, NotedDevices())
    try:
        while await identity.service.erasure.resume():
            pass
    finally:
        await identity.close()
