"""How do the parts of sync come together?"""

from collections.abc import Iterable
from functools import partial
from typing import Any

from tallystick.config import Config
from tallystick.identity.credentials import Credentials
from tallystick.jobs.ticker import Ticker
from tallystick.store.apart import Apart
from tallystick.store.command import Command
from tallystick.store.entity import Entity
from tallystick.store.pages import Pages
from tallystick.store.store import Store
from tallystick.sync import commands
from tallystick.sync.heads import Heads
from tallystick.sync.outbox import Validate
from tallystick.sync.pulling import Pulling
from tallystick.sync.pushing import Pushing
from tallystick.sync.registry import Registry
from tallystick.sync.service import SyncService
from tallystick.sync.tables import CONFLICT
from tallystick.sync.watching import Watching
from tallystick.v1.sync_conflicts_pb2 import ResolveConflictRequest
from tallystick.v1.sync_service_pb2 import ResolveConflictResponse

AUDIENCE_EVERY_S = 1.0


class Sync:
    """Copies of spaces on devices."""

    def __init__(
        self,
        config: Config,
        store: Store,
        apart: Apart,
        pages: Pages,
        validate: Validate,
        features: Iterable[tuple[Iterable[Command], Iterable[Entity[Any]]]],
        heads: Heads,
        credentials: Credentials,
    ) -> None:
        """`features`: of each, the commands that may wait in an outbox, and the entities that copies hold."""
        registry = self.registry = Registry()
        resolve = partial(commands.resolve_conflict, registry=registry)
        registry.add(
            [Command("resolve_conflict", ResolveConflictRequest, ResolveConflictResponse, resolve, judges_itself=True)],
            [CONFLICT],
        )
        for their_commands, entities in features:
            registry.add(their_commands, entities)
        registry.require_complete()
        self.pulling = Pulling(store)
        self.watching = Watching(store, apart, heads, self.pulling, credentials, lifetime_s=config.watch_lifetime_s)
        pushing = Pushing(store, registry, validate)
        self.service = SyncService(store, pages, registry, self.pulling, pushing, self.watching)

    def schedule(self, ticker: Ticker) -> None:
        ticker.every("watch_audience", AUDIENCE_EVERY_S, self.watching.audience.look)
